"""Calibrated late average: the temperature of each expert is fitted, then the probabilities are averaged.

    p_m = softmax(log p_m / T_m)                        (B, C)    T_m > 0: one temperature a modality
    p   = sum_m p_m / M                                 (B, C)    over the modalities that are present

T_m is trained by the log-loss of p_m, the expert is a constant. On its own lessons an expert is right as often as it says, so
T is learnt from what it says of samples that it has not learnt from (see `folds.py`); a slice held back would do as well,
but then the experts would learn from less than they do alone. An expert that says .99 and is right in nine of ten cases
gets T > 1 and no longer shouts the others down. Nobody's ranking of the classes changes.

Guo et al., On calibration of modern neural networks, 2017. https://arxiv.org/abs/1706.04599
There T is fitted after training; here it follows the experts while they learn.
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


class LateCalibrated(OutOfFold):
    """The mean of probabilities after a temperature per expert, learned out of fold (Guo et al., 2017, 1706.04599)."""

    name = "late_calibrated"
    title = Localized("Calibrated late average", "校准后期平均")
    idea = Localized(
        "Each modality decides alone and learns how sure it may be; then the probabilities are averaged.",
        "各模态独立决定，并学会自己该有多大把握，再平均概率。",
    )
    family = "late"
    formula = r"p = \tfrac{1}{M} \sum_m \mathrm{softmax}(\log p_m / T_m)"
    paper = "https://arxiv.org/abs/1706.04599"
    additive_scale = "probabilities"

    def __init__(self, spec: ModelSpec, folds: int) -> None:
        super().__init__(spec, folds)
        self.log_temperature = nn.Parameter(torch.zeros(len(self.names)))

    def judge(self, output: Output, opinions: Tensor, present: Tensor) -> Output:
        tempered = self._tempered(opinions)  # (M, B, C)
        mask = present.unsqueeze(2)
        p = (tempered.detach().softmax(2) * mask).sum(0) / mask.sum(0).clamp_min(1)
        calibrated = [f"{name} calibrated" for name in self.names]
        return replace(
            output,
            prediction=p.clamp_min(1e-12).log(),
            experts={**output.experts, **dict(zip(calibrated, tempered, strict=True))},
            taught={**output.taught, **dict(zip(calibrated, present, strict=True))},
        )

    def decision_scores(self, output: Output, present: Mapping[str, Tensor]) -> Tensor:
        """The sum of the probabilities: how many were added is the same for all classes."""
        p = self._tempered(self.stacked(output.experts).log_softmax(2)).softmax(2)
        return (p * self.stacked(present).unsqueeze(2)).sum(0)

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How much of each expert's certainty is kept, 1 / T_m, and what every late method shows."""
        return {
            "kept": Diagnostic((self.names,), (-self.log_temperature.detach()).exp()),
            **super().diagnostics(output, present),
        }

    def parts(self) -> dict[str, list[nn.Parameter]]:
        return super().parts() | {"temperature": [self.log_temperature]}

    def _tempered(self, log_p: Tensor) -> Tensor:
        """(M, B, C), logits."""
        return log_p / self.log_temperature.exp().view(-1, 1, 1)
