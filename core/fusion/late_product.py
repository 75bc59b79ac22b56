"""Product of experts: opinions that are independent given the class multiply.

    q_m      = (1 - f) softmax(l_m) + f prior               (B, C)    l_m = W_m z_m + b_m, trained by its own loss, f = 0
    log p    = sum_m log q_m - (M - 1) log prior + const    (B, C)    over the modalities present

Bayes' rule, exact when the modalities are conditionally independent given the class: every expert has counted the prior
once, so M - 1 of them are taken off. With nobody present the prior is left. The prior is each class's share of the
training samples. One expert that is sure and wrong vetoes all others; `floor` f keeps a little doubt and takes the veto.

Hinton, Training products of experts, 2002. https://doi.org/10.1162/089976602760128018
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import DecisionFusion, ModelSpec
from core.output import Output


class LateProduct(DecisionFusion):
    """The experts' probabilities (B, C) multiplied, with the prior counted once (product of experts, Hinton, 2002)."""

    name = "late_product"
    common = True
    title = Localized("Product of experts", "专家乘积")
    idea = Localized("Each modality decides alone; the probabilities are multiplied.", "各模态独立决定，再把概率相乘。")
    family = "late"
    formula = (
        r"\log p = \sum_m \log q_m - (M - 1) \log \mathrm{prior} + \mathrm{const},\quad "
        r"q_m = (1 - f)\,\mathrm{softmax}(l_m) + f\,\mathrm{prior}"
    )
    paper = "https://doi.org/10.1162/089976602760128018"
    additive_scale = "log-probabilities"
    hyperparameters = (Parameter("floor", "float", 0.0, 0.0, 0.5, 0.01, title=Localized("floor", "概率下限")),)
    log_prior: Tensor

    def __init__(self, spec: ModelSpec, floor: float) -> None:
        super().__init__(spec)
        self.floor = floor
        prior = torch.tensor(spec.prior or [1 / spec.classes] * spec.classes)
        # a class that never occurred in training still may: half a sample in ten thousand
        self.register_buffer("log_prior", prior.clamp_min(5e-5).log())

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        return self._product(log_p, present).log_softmax(1)

    def decision_scores(self, output: Output, present: Mapping[str, Tensor]) -> Tensor:
        """log p but for its constant, which is the same for all classes."""
        return self._product(self.stacked(output.experts).log_softmax(2), self.stacked(present))

    def _product(self, log_p: Tensor, present: Tensor) -> Tensor:
        """log_p (M, B, C), present (M, B) -> (B, C)."""
        if self.floor:
            log_p = ((1 - self.floor) * log_p.exp() + self.floor * self.log_prior.exp()).log()
        summed = (log_p * present.unsqueeze(2)).sum(0)  # an absent expert contributes nothing
        spare = present.sum(0).unsqueeze(1) - 1  # (B, 1)
        return summed - spare * self.log_prior
