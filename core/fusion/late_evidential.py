"""Evidential late fusion: each modality gives evidence for each class and its own uncertainty.

    e_m = exp(l_m)                               (B, C)    l_m = W_m z_m + b_m; evidence, trained by its own loss; 0 where m is absent
    b_m = e_m / S_m,  u_m = C / S_m              (B, C)    belief and uncertainty, S_m = sum_c e_mc + C
    b   = (b_1 b_2 + b_1 u_2 + b_2 u_1) / k      (B, C)    Dempster's rule, reduced: for a class speaks who believes in it
    u   = u_1 u_2 / k                            (B,)      and does not deny it; k = 1 - conflict makes the sum 1
    e   = C (prod_m (1 + e_m / C) - 1)           (B, C)    the same rule in evidence, for any number, in any order
    p   = (e + 1) / (sum_c e_c + C)              (B, C)

Two that agree are surer together than either; who knows nothing (e_m = 0) changes nothing, so an absent modality needs no
special case. The uncertainty of each sample stands on its card in the map. It is trained by the objective `evidential`; under
plain classification only the differences of logits are taught, and u says little.

Han et al., Trusted multi-view classification, 2021. https://arxiv.org/abs/2102.02051
Simplified: the paper adds the loss of the combined opinion, here each expert learns alone (late means late). It takes
e = softplus(l); see `core/fusion/dirichlet.py` for the exponential.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from core.catalog.localized import Localized
from core.fusion.base import DecisionFusion
from core.fusion.diagnostic import Diagnostic, mean_where
from core.fusion.dirichlet import evidence, expected, uncertainty
from core.output import Batch, Output

TOGETHER = "together"
SURE = 60.0  # log of a combined evidence that no training reaches; the next step is float32's end


class LateEvidential(DecisionFusion):
    """Dempster-Shafer combination of the experts' Dirichlet opinions (B, C) and uncertainty (B,) (Han et al., 2021, 2102.02051)."""

    name = "late_evidential"
    title = Localized("Evidential late fusion", "证据后期融合")
    idea = Localized(
        "Each modality says what speaks for each class and how little it knows; Dempster's rule combines them.",
        "各模态说出支持每个类别的证据和自己有多不了解，再按 Dempster 规则合并。",
    )
    family = "late"
    formula = (
        r"1 + \tfrac{e}{C} = \prod_m \Big(1 + \tfrac{e_m}{C}\Big),\quad e_m = \exp(l_m),\quad p = \frac{e + 1}{S},\quad "
        r"u = \frac{C}{S},\quad S = \sum_c e_c + C"
    )
    paper = "https://arxiv.org/abs/2102.02051"
    additive_scale = "log-evidence"
    prefers = {"classification": "evidential"}  # noqa: RUF012

    @torch.no_grad()
    def decide(self, output: Output, batch: Batch) -> Output:
        joint = combined(self._evidence(output, batch.present))
        return replace(output, prediction=expected(joint).log(), uncertainty=uncertainty(joint))

    def decision_scores(self, output: Output, present: Mapping[str, Tensor]) -> Tensor:
        """log(1 + e / C) of the combined evidence e: Dempster's rule is a sum of these, and p rises with it."""
        e = self._evidence(output, present)
        return (e / e.shape[2]).log1p().sum(0)

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How unsure each expert is and all of them together, and what every late method shows."""
        assert output.uncertainty is not None
        unsure = {name: uncertainty(evidence(output.experts[name])) for name in self.names}
        everybody = torch.ones_like(output.uncertainty, dtype=torch.bool)
        means = mean_where({**unsure, TOGETHER: output.uncertainty}, {**present, TOGETHER: everybody})
        return {"uncertainty": means, **super().diagnostics(output, present)}

    def _evidence(self, output: Output, present: Mapping[str, Tensor]) -> Tensor:
        """(M, B, C); an absent modality has none."""
        return evidence(self.stacked(output.experts)) * self.stacked(present).unsqueeze(2)


def combined(e: Tensor) -> Tensor:
    """Evidence of M opinions (M, ..., C) as one (..., C), by the reduced Dempster-Shafer rule."""
    classes = e.shape[-1]
    return classes * (e / classes).log1p().sum(0).clamp_max(SURE).expm1()
