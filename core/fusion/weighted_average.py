"""Weighted average: one weight per modality, the same for every sample.

    w = softmax(a)  or  1 / M            (M,)    learned, or fixed
    h = GELU(W sum_m w_m z_m + b)        (B, D)

Weights of absent modalities are left out and the rest rescaled. What `gated` decides per sample is one decision here.
`concat` has a matrix of its own for each modality; here all share W, so the encoders must learn one common space.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.fusion.masks import softmax_where, stacked
from core.output import Output
from core.seeding import initialising


class WeightedAverage(FeatureFusion):
    """One weight per modality for all samples, learned or 1 / M; then one layer: h (B, D)."""

    name = "weighted_average"
    title = Localized("Weighted average", "加权平均")
    idea = Localized(
        "Average the embeddings with one learned weight a modality.", "以每种模态一个学习到的权重来平均嵌入。"
    )
    family = "intermediate"
    formula = r"h = \mathrm{GELU}\Big(W \sum_m w_m z_m + b\Big),\quad w = \mathrm{softmax}(a)"
    hyperparameters = (
        Parameter("weights", "choice", "learned", choices=("learned", "equal"), title=Localized("weights", "权重方式")),
    )

    def __init__(self, spec: ModelSpec, weights: str) -> None:
        super().__init__(spec)
        self.scores = nn.Parameter(torch.zeros(len(self.names)), requires_grad=weights == "learned")
        with initialising(spec.seed, "mix"):
            self.mix = nn.Linear(spec.width, spec.width)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        w = self._weights(present)  # (B, M)
        return F.gelu(self.mix((w.unsqueeze(2) * stacked(z)).sum(1)))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        return {"weight": Diagnostic((self.names,), self._weights(present).mean(0))}

    def _weights(self, present: Mapping[str, Tensor]) -> Tensor:
        mask = stacked(present)  # (B, M)
        return softmax_where(self.scores.expand(mask.shape), mask, 1)
