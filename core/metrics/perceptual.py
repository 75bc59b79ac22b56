"""Perceptual score: how much of a model's accuracy depends on a modality.

    score_m = accuracy - mean over deals of accuracy with modality m shuffled among the samples

The permuted modality keeps its own statistics and loses its tie to the label, so a model that never listens scores 0. A
score below 0 says that the modality misleads.

Gat et al., Perceptual Score: What data modalities does your model perceive?, 2021. https://arxiv.org/abs/2110.14375
Simplified: the difference itself, not divided by the accuracy or the majority share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.accuracy import hits
from core.metrics.check import rows, within

NAME = "perceptual score"

Inputs = Mapping[str, Tensor]


def perceptual_score(
    predict: Callable[[Inputs], Tensor],
    inputs: Inputs,
    target: Tensor,
    modality: str,
    generator: torch.Generator,
    deals: int = 5,
) -> float:
    """inputs: modality -> (N, ...), target (N,), predict(inputs) -> (N, C) on any scale. A share of 1, -1..1."""
    rows(NAME, 1, target=target)
    within(NAME, "deals", deals, 1, math.inf)
    if modality not in inputs:
        raise MetricError("metric_values", metric=NAME, name="modality", expected=" or ".join(inputs), actual=modality)
    clean = _accuracy(predict(inputs), target)
    dealt = 0.0
    for _ in range(deals):
        order = torch.randperm(len(target), generator=generator)
        permuted = {**inputs, modality: inputs[modality][order.to(inputs[modality].device)]}
        dealt += _accuracy(predict(permuted), target) / deals
    return clean - dealt


def _accuracy(scores: Tensor, target: Tensor) -> float:
    return float(hits(scores, target, NAME).mean())
