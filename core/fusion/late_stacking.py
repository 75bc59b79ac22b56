"""Stacking: a small classifier learns from the experts' opinions what the truth tends to be.

    l_m = log p_m,  p_m = softmax(W_m z_m + c_m)        (B, C)    trained by its own loss
    s   = sum_m A_m l_m + b_m                           (B, C)    over the modalities that are present
    p   = softmax(s)                                    (B, C)    A, b trained by the loss of p; the experts are constants

A_m (C, C) starts as 1 / M on its diagonal: a geometric mean. It can learn that one expert is too sure of itself, that it
takes fours for nines, or that it is not worth listening to. For that it must hear each expert on samples that this has not
learnt from: see `folds.py`. Trained on what experts say of their own lessons it would believe whatever they learnt by heart.

Wolpert, Stacked generalization, 1992. https://doi.org/10.1016/S0893-6080(05)80023-1
There folds are trained first, the judge after; here all learn at the same time, so that it can be watched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.fusion.base import ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.fusion.folds import OutOfFold
from core.output import Output

JUDGE = "judge of all"  # the expert that reads the others


class LateStacking(OutOfFold):
    """A linear classifier over the experts' log-probabilities (B, C), trained out of fold (Wolpert, 1992)."""

    name = "late_stacking"
    title = Localized("Stacking", "堆叠")
    idea = Localized(
        "A small classifier learns how to read the modalities' opinions, on samples that they have not learnt from.",
        "用一个小分类器学习如何解读各模态的意见，所用样本都是它们没有学过的。",
    )
    family = "late"
    formula = r"p = \mathrm{softmax}\Big(\sum_m \big(A_m \log p_m^{(-k)} + b_m\big)\Big)"
    paper = "https://doi.org/10.1016/S0893-6080(05)80023-1"
    additive_scale = "logits"

    def __init__(self, spec: ModelSpec, folds: int) -> None:
        super().__init__(spec, folds)
        self.matrices = nn.ParameterDict({n: torch.eye(spec.classes) / len(self.names) for n in self.names})
        self.biases = nn.ParameterDict({n: torch.zeros(spec.classes) for n in self.names})

    def judge(self, output: Output, opinions: Tensor, present: Tensor) -> Output:
        matrices, biases = self.stacked(dict(self.matrices)), self.stacked(dict(self.biases))  # (M, C, C), (M, C)
        mapped = opinions @ matrices.transpose(1, 2) + biases.unsqueeze(1)  # (M, B, C)
        scores = (mapped * present.unsqueeze(2)).sum(0)
        return replace(
            output,
            prediction=scores.detach(),
            experts={**output.experts, JUDGE: scores},
            taught={**output.taught, JUDGE: present.any(0)},
        )

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """The trust in each expert, its matrix's mean diagonal less the mean of the other entries; and what every late method shows."""
        matrices = self.stacked(dict(self.matrices)).detach()  # (M, C, C)
        own, classes = matrices.diagonal(dim1=1, dim2=2).sum(1), matrices.shape[1]
        beside = (matrices.sum((1, 2)) - own) / max(1, classes * (classes - 1))
        return {"heard": Diagnostic((self.names,), own / classes - beside), **super().diagnostics(output, present)}

    def parts(self) -> dict[str, list[nn.Parameter]]:
        return super().parts() | {JUDGE: [*self.matrices.values(), *self.biases.values()]}
