"""Weighted late average: probabilities are averaged with a weight per expert.

    p_m = softmax(l_m)                                          (B, C)    l_m = W_m z_m + b_m, trained by its own loss
    w   = softmax(a)                                            (M,)      learned: one weight a modality
    w_i = 1 - H(p_m,i) / log C,  over their sum                 (B, M)    confidence: a weight a sample, nothing learned
    p   = sum_m w_m p_m                                         (B, C)    over the modalities that are present

The learned weights have a loss of their own, that of the mixture, -log sum_m w_m p_m(y), in which the experts are constants:
these stay what they would be alone. The weights meet them on samples that they have learnt by heart, and so trust whoever
remembers best: on spoken and written digits the worse for it (.90 where the plain average has .96; `late_stacking` is the
cure). Confidence needs no learning and takes each expert at its word, sample by sample.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import DecisionFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, mean_where
from core.fusion.masks import softmax_where
from core.output import Batch, Output

MIXTURE = "mixture of all"  # the expert that is the weights


class LateWeighted(DecisionFusion):
    """A weighted mean of probabilities (B, C), by one learned weight per modality or by each sample's confidence."""

    name = "late_weighted"
    common = True
    title = Localized("Weighted late average", "加权后期平均")
    idea = Localized(
        "Each modality decides alone; the probabilities are averaged, some with more weight.",
        "各模态独立决定，再平均概率，但各自的分量不同。",
    )
    family = "late"
    formula = (
        r"p = \sum_m w_m p_m,\quad p_m = \mathrm{softmax}(l_m),\quad "
        r"w = \mathrm{softmax}(a)\ \text{or}\ w_m \propto 1 - H(p_m) / \log C"
    )
    additive_scale = "probabilities"  # each times its weight before the weights are made to add up to 1
    hyperparameters = (
        Parameter(
            "weights", "choice", "confidence", choices=("confidence", "learned"), title=Localized("weights", "权重方式")
        ),
    )

    def __init__(self, spec: ModelSpec, weights: str) -> None:
        super().__init__(spec)
        self.scores = nn.Parameter(torch.zeros(len(self.names))) if weights == "learned" else None

    def decide(self, output: Output, batch: Batch) -> Output:
        log_p = self.stacked(output.experts).detach().log_softmax(2)
        present = self.stacked(batch.present)
        mixed = self._mixed(log_p, present)
        output = replace(output, prediction=mixed.detach())
        if self.scores is None:
            return output
        return replace(
            output,
            experts={**output.experts, MIXTURE: mixed},
            taught={**output.taught, MIXTURE: present.any(0)},
        )

    def decision_scores(self, output: Output, present: Mapping[str, Tensor]) -> Tensor:
        """The weighted sum before the weights are made to add up to 1, which divides all classes alike: so the weight of an
        expert reads this expert alone, by confidence too."""
        log_p, mask = self.stacked(output.experts).log_softmax(2), self.stacked(present)
        weights = confidence(log_p) * mask if self.scores is None else self.scores.softmax(0).unsqueeze(1) * mask
        return (weights.unsqueeze(2) * log_p.exp()).sum(0)

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How much each modality weighs where it is there, and what every late method shows."""
        log_p = self.stacked(output.experts).log_softmax(2)
        weights = dict(zip(self.names, self._weights(log_p, self.stacked(present)).unbind(0), strict=True))
        return {"weight": mean_where(weights, present), **super().diagnostics(output, present)}

    def parts(self) -> dict[str, list[nn.Parameter]]:
        return super().parts() | ({} if self.scores is None else {MIXTURE: [self.scores]})

    def _mixed(self, log_p: Tensor, present: Tensor) -> Tensor:
        """log_p (M, B, C), present (M, B) -> log p (B, C)."""
        weights = self._weights(log_p, present).unsqueeze(2)
        return (weights * log_p.exp()).sum(0).clamp_min(1e-12).log()

    def _weights(self, log_p: Tensor, present: Tensor) -> Tensor:
        """(M, B) weights that add up to 1 over the modalities a sample has."""
        if self.scores is not None:
            return softmax_where(self.scores.unsqueeze(1).expand(present.shape), present, 0)
        sure = confidence(log_p) * present
        return sure / sure.sum(0).clamp_min(1e-12)


def confidence(log_p: Tensor) -> Tensor:
    """log_p (..., C) -> (...), 1 of who is certain, 0 of who has no idea: one minus the entropy's share of its most."""
    entropy = -(log_p.exp() * log_p).sum(-1)
    return (1 - entropy / math.log(log_p.shape[-1])).clamp_min(1e-6)  # all clueless: all alike
