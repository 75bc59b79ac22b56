"""Modality attention: each modality scores its own weight, sample by sample.

    e_m = v' tanh(K z_m + k)           (B,)       the same scorer for all
    a   = softmax_m(s e)               (B, M)     over the modalities that are present
    h   = GELU(W sum_m a_m z_m + b)    (B, D)

Hori et al., Attention-Based Multimodal Fusion for Video Description, 2017. https://arxiv.org/abs/1701.03126
The paper's scorer also reads the state of its decoder; here there is no decoder. `gated` scores from all
modalities together and weighs each coordinate; here each is scored on its own merit, so their order does not matter.
With `sharpness` s near 0 all weigh alike, with a large one only the best counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.fusion.masks import softmax_where, stacked
from core.output import Output
from core.seeding import initialising


class ModalityAttention(FeatureFusion):
    """A softmax over modalities (B, M), scored one by one, weighs the embeddings into h (B, D) (Hori et al., 2017, 1701.03126)."""

    name = "modality_attention"
    title = Localized("Modality attention", "模态注意力")
    idea = Localized(
        "Each modality says, sample by sample, how much it should be listened to.",
        "每个样本中，各模态自己说明该被听取多少。",
    )
    family = "intermediate"
    formula = (
        r"h = \mathrm{GELU}\Big(W \sum_m a_m z_m + b\Big),\quad a = \mathrm{softmax}_m\, s\,v^\top \tanh(K z_m + k)"
    )
    paper = "https://arxiv.org/abs/1701.03126"
    hyperparameters = (
        Parameter("sharpness", "float", 1.0, 0.05, 20.0, 0.05, scale="log", title=Localized("sharpness", "锐度")),
    )

    def __init__(self, spec: ModelSpec, sharpness: float) -> None:
        super().__init__(spec)
        width = spec.width
        self.sharpness = sharpness
        with initialising(spec.seed, "mix"):
            # no bias at the end: it would move all scores alike, which a softmax does not see
            self.score = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1, bias=False))
            self.mix = nn.Linear(width, width)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        stack = stacked(z)  # (B, M, D)
        weights = self._weights(stack, present)
        return F.gelu(self.mix((weights.unsqueeze(2) * stack).sum(1)))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        return {"weight": Diagnostic((self.names,), self._weights(stacked(output.z), present).mean(0))}

    def _weights(self, stack: Tensor, present: Mapping[str, Tensor]) -> Tensor:
        """(B, M); absent modalities get nothing."""
        return softmax_where(self.sharpness * self.score(stack).squeeze(2), stacked(present), 1)
