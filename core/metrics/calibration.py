"""Calibration: does a probability of .8 come true in 80 % of all cases?

    ECE    sum over bins of  share of samples * | accuracy - mean confidence |     confidence = max_c p_i(c), equal bins
    NLL    - mean_i ln p_i(y_i)                                                    nats
    Brier  mean_i sum_c (p_i(c) - [c = y_i])^2                                     0..2

Guo et al., On calibration of modern neural networks, 2017. https://arxiv.org/abs/1706.04599
ECE depends on its bins and is biased upwards on few samples; NLL and Brier are proper scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.metrics.check import rows, within

_SUM = 1e-4


@dataclass(frozen=True)
class Reliability:
    """One entry a bin, (K,) each; an empty bin has share 0 and NaN for the other two."""

    share: Tensor
    confidence: Tensor
    accuracy: Tensor


def reliability(p: Tensor, target: Tensor, bins: int = 15) -> Reliability:
    """p (N, C) probabilities, target (N,). Bins are (lo, hi] of equal width."""
    confidence, answer = _checked(p, target).max(1)
    place = (confidence * bins).ceil().long().clamp(1, bins) - 1
    count = torch.bincount(place, minlength=bins).double()
    right = (answer == target).double()
    return Reliability(
        count / len(p),
        torch.bincount(place, confidence, bins) / count,
        torch.bincount(place, right, bins) / count,
    )


def ece(p: Tensor, target: Tensor, bins: int = 15) -> float:
    """Expected calibration error, 0..1."""
    seen = reliability(p, target, bins)
    return float((seen.share * (seen.accuracy - seen.confidence).abs()).nansum())


def nll(p: Tensor, target: Tensor) -> float:
    """Mean negative log likelihood in nats; a probability of 0 counts as the smallest double above it."""
    chosen = _checked(p, target).gather(1, target.unsqueeze(1))
    return float(-chosen.clamp_min(torch.finfo(torch.double).tiny).log().mean())


def brier(p: Tensor, target: Tensor) -> float:
    """The multi-class Brier score; with two classes it is twice the binary one."""
    truth = F.one_hot(target, p.shape[1])
    return float((_checked(p, target) - truth).square().sum(1).mean())


def _checked(p: Tensor, target: Tensor) -> Tensor:
    rows("calibration", 2, probabilities=p)
    rows("calibration", 1, expected=len(p), target=target)
    within("calibration", "probabilities", p, 0, 1 + _SUM)
    within("calibration", "sums of probabilities", p.double().sum(1), 1 - _SUM, 1 + _SUM)
    within("calibration", "target", target, 0, p.shape[1] - 1)
    return p.double()
