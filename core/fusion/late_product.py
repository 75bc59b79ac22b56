"""Product of experts: opinions that are independent given the class multiply.

    log p(c) = s * (sum_m log p_m(c) - (M - 1) log prior(c)) + const       (B, C)

Exact (s = 1) when the modalities are conditionally independent given the class. The prior is uniform, so its term is a
constant and drops out. `sharpness` s below 1 is for experts that are surer than they are right; it moves the
probabilities and the loss, never the winner.

Hinton, Training products of experts, 2002. https://doi.org/10.1162/089976602760128018
"""

from __future__ import annotations

from torch import Tensor

from core.fusion.base import Blueprint, DecisionFusion
from core.parameters import Parameter


class LateProduct(DecisionFusion):
    name = "late_product"
    title = "Product of experts"
    idea = "Each modality decides alone; the probabilities are multiplied."
    family = "late"
    formula = r"\log p(c) = s \sum_m \log p_m(c) + \mathrm{const}"
    paper = "https://doi.org/10.1162/089976602760128018"
    knobs = (Parameter("sharpness", "float", 1.0, 0.05, 5.0, 0.05, scale="log"),)

    def __init__(self, blueprint: Blueprint, sharpness: float) -> None:
        super().__init__(blueprint)
        self.sharpness = sharpness

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        total = (log_p * present.unsqueeze(2)).sum(0)  # an absent expert says nothing
        return (self.sharpness * total).log_softmax(1)
