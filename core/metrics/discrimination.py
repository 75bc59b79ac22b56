"""Discrimination of hard negatives: does the embedding tell a right partner from a wrong one that looks much like it?

    s_i = cos(a_i, b_i) - cos(a_i, b'_i)        a: another modality, b: the true input, b': its hard negative
    accuracy   = mean_i [s_i > 0] + [s_i = 0] / 2

An embedding that cannot see the difference gives both the same vector and scores one half, by ties and not by luck.
Hsieh et al., SugarCrepe, 2023. https://arxiv.org/abs/2306.14610
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.check import rows, unit

NAME = "hard_negatives"
TIE = 1e-6  # cosines of equal vectors may differ in the last digits


def discrimination_accuracy(z: Mapping[str, Tensor], negative: Tensor, modality: str) -> float:
    """z: modality -> (R, D) of the true inputs, negative (R, D) of the wrong input of `modality`; mean over the others."""
    others = [other for name, other in z.items() if name != modality]
    if modality not in z or not others:
        raise MetricError("metric_values", metric=NAME, name="z", expected=f"{modality} and another", actual=list(z))
    true, wrong = unit(NAME, z[modality]), unit(NAME, negative)
    rows(NAME, 2, expected=len(true), negative=wrong)
    shares = []
    for other in others:
        rows(NAME, 2, expected=len(true), other=other)
        direction = unit(NAME, other)
        if direction.shape != true.shape or wrong.shape != true.shape:
            shapes = [tuple(x.shape) for x in (direction, wrong)]
            raise MetricError("metric_shape", metric=NAME, name="vectors", expected=tuple(true.shape), actual=shapes)
        closer = (direction * true).sum(1) - (direction * wrong).sum(1)
        shares.append((closer > TIE).double().mean() + (closer.abs() <= TIE).double().mean() / 2)
    return float(torch.stack(shares).mean())
