"""Calibration: does a probability of .8 come true in 80 % of all cases?

    ECE    sum over bins of  share of samples * | accuracy - mean confidence |     confidence = max_c p_i(c), equal bins
    NLL    - mean_i ln p_i(y_i)                                                    nats
    Brier  mean_i sum_c (p_i(c) - [c = y_i])^2                                     0..2

Guo et al., On calibration of modern neural networks, 2017. https://arxiv.org/abs/1706.04599
ECE depends on its bins and is biased upwards on few samples; NLL and Brier are proper scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.metrics.accuracy import hits
from core.metrics.check import classes, rows, within

_SUM = 1e-4
_ROUGH_SUM = 1e-2  # of half precision


@dataclass(frozen=True)
class Reliability:
    """One entry a bin, (K,) each; an empty bin has share 0 and NaN for the other two."""

    share: Tensor
    confidence: Tensor
    accuracy: Tensor


def reliability(p: Tensor, target: Tensor, bins: int = 15) -> Reliability:
    """p (N, C) probabilities, target (N,). Bins are (lo, hi] of equal width; classes that share the top share the hit."""
    within("calibration", "bins", bins, 1, math.inf)
    p = _checked(p, target)
    confidence = p.amax(1)
    place = (confidence * bins).ceil().long().clamp(1, bins) - 1
    count = torch.bincount(place, minlength=bins).double()
    right = hits(p, target, "calibration")
    return Reliability(
        count / len(p),
        torch.bincount(place, confidence, bins) / count,
        torch.bincount(place, right, bins) / count,
    )


def ece(p: Tensor, target: Tensor, bins: int = 15) -> float:
    """Expected calibration error, 0..1."""
    diagram = reliability(p, target, bins)
    return float((diagram.share * (diagram.accuracy - diagram.confidence).abs()).nansum())


def nll(p: Tensor, target: Tensor) -> float:
    """Mean negative log likelihood in nats; a probability of 0 counts as the smallest double above it."""
    chosen = _checked(p, target).gather(1, target.unsqueeze(1))
    return float(-chosen.clamp_min(torch.finfo(torch.double).tiny).log().mean())


def brier(p: Tensor, target: Tensor) -> float:
    """The multi-class Brier score; with two classes it is twice the binary one."""
    p = _checked(p, target)
    return float((p - F.one_hot(target, p.shape[1])).square().sum(1).mean())


def _checked(p: Tensor, target: Tensor) -> Tensor:
    rows("calibration", 2, probabilities=p)
    slack = _ROUGH_SUM if p.element_size() < 4 else _SUM
    p = p.double()
    within("calibration", "probabilities", p, 0, 1 + slack)
    total = p.sum(1, keepdim=True)
    within("calibration", "sums of probabilities", total, 1 - slack, 1 + slack)
    classes("calibration", len(p), p.shape[1], target=target)
    return p / total if slack > _SUM else p
