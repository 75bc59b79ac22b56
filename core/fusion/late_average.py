"""Late average: each modality decides alone, then the probabilities are averaged.

    p_m = softmax(W_m z_m)               (B, C)    trained by its own loss
    p   = sum_m w_m p_m, w = 1 / M       (B, C)    over the modalities that are present

The plain ensemble that won on data close to real. It can never see what only the two together say: the average is a sum
of functions of one modality each.
"""

from __future__ import annotations

from torch import Tensor

from core.fusion.base import DecisionFusion


class LateAverage(DecisionFusion):
    name = "late_average"
    title = "Late average"
    idea = "Each modality decides alone; the probabilities are averaged."
    family = "late"
    formula = r"p = \tfrac{1}{M} \sum_m \mathrm{softmax}(W_m z_m)"

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        weight = present.to(log_p.dtype)  # (M, B)
        total = (log_p.exp() * weight.unsqueeze(2)).sum(0)
        return (total / weight.sum(0).clamp_min(1).unsqueeze(1)).clamp_min(1e-12).log()
