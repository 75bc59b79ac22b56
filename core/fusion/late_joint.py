"""Joint late fusion: the modalities' logits are added and one loss trains them all.

    l_m = W_m z_m + b_m                  (B, C)
    l   = sum_m l_m                      (B, C)    over the modalities that are present
    p   = softmax(l)                     (B, C)    trained together, by the loss of p

The branches meet at the decision as in every late method, and as in none of the others the loss flows through the sum:
a modality is only taught what the others leave unexplained, and cannot be trusted alone. That is `concat` with a head that
is linear, cut into one block per modality, so it can no more see what only the two together say than any other sum.

Any target can be a sum: of labels the logits are added, of values the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor, nn

from core.catalog.localized import Localized
from core.fusion.base import DecisionFusion, Fusion
from core.fusion.diagnostic import Diagnostic, share_of_norm
from core.output import Batch, Output


class LateJoint(DecisionFusion):
    """The sum of the experts' logits (B, C), all trained by one loss: no late ensemble, and the one that `price` speaks of."""

    name = "late_joint"
    title = Localized("Joint late fusion", "联合后期融合")
    idea = Localized(
        "Each modality votes for every class; the votes are added and trained together.",
        "各模态给每个类别打分，分数相加后一起训练。",
    )
    family = "late"
    formula = r"p = \mathrm{softmax}\Big(\sum_m (W_m z_m + b_m)\Big)"
    joint = True
    additive_scale = "logits"
    predicts = Fusion.predicts

    def decide(self, output: Output, batch: Batch) -> Output:
        logits = self.stacked(output.experts) * self.stacked(batch.present).unsqueeze(2)
        return replace(output, prediction=logits.sum(0), experts={}, taught={})  # no expert has a loss of its own

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How much each modality's votes weigh in the sum."""
        logits = {name: self.heads[name](output.z[name]) * present[name].unsqueeze(1) for name in self.names}
        return {"share": share_of_norm(logits)}

    def parts(self) -> dict[str, list[nn.Parameter]]:
        return Fusion.parts(self)
