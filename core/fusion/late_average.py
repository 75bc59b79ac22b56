"""Late average: each modality decides alone, then the probabilities are averaged.

    p_m = softmax(s * l_m)               (B, C)    l_m = W_m z_m + b_m, trained by its own loss, with s = 1
    p   = sum_m p_m / M                  (B, C)    over the modalities that are present

The plain ensemble that won on data close to real. The average is a sum of functions of one modality each, of probabilities:
exclusive-or it can never see. It is no sum of logits, so where the label follows one modality or the other by chance it can
lose less than every such sum (`core/metrics/late_price.py`). `sharpness` s is taken at the end: towards 0 everybody shrugs and the slightly surer
one decides, a large s turns opinions into votes.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import DecisionFusion, ModelSpec
from core.output import Output


class LateAverage(DecisionFusion):
    """The mean of the experts' probabilities (B, C) over the modalities that are present."""

    name = "late_average"
    common = True
    title = Localized("Late average", "后期平均")
    idea = Localized("Each modality decides alone; the probabilities are averaged.", "各模态独立决定，再平均概率。")
    family = "late"
    additive_scale = "probabilities"
    formula = (
        r"p = \tfrac{1}{M} \sum_m \mathrm{softmax}(s\,l_m),\quad "
        r"l_m = W_m z_m + b_m"
    )
    hyperparameters = (
        Parameter("sharpness", "float", 1.0, 0.05, 20.0, 0.05, scale="log", title=Localized("sharpness", "锐度")),
    )

    def __init__(self, spec: ModelSpec, sharpness: float) -> None:
        super().__init__(spec)
        self.sharpness = sharpness

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        return (self._sum(log_p, present) / present.sum(0).clamp_min(1).unsqueeze(1)).clamp_min(1e-12).log()

    def decision_scores(self, output: Output, present: Mapping[str, Tensor]) -> Tensor:
        """The sum of the probabilities: how many were added is the same for all classes."""
        return self._sum(self.stacked(output.experts).log_softmax(2), self.stacked(present))

    def _sum(self, log_p: Tensor, present: Tensor) -> Tensor:
        """log_p (M, B, C), present (M, B) -> (B, C); an absent expert says nothing."""
        return ((self.sharpness * log_p).softmax(2) * present.unsqueeze(2)).sum(0)
