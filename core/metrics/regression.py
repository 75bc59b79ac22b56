"""How far numbers are from the truth.

MAE   mean |p - y|
R2    1 - sum (p - y)^2 / sum (y - mean y)^2        1 is perfect, 0 is saying the mean, below 0 is worse than that

R2 is made for each value (column) and averaged. A column that never varies has R2 1 if it is met exactly, else 0.
"""

from __future__ import annotations

import torch
from torch import Tensor


def mae(prediction: Tensor, truth: Tensor) -> Tensor:
    """prediction, truth (N, V); a scalar on their device."""
    return (prediction - truth).abs().mean()


def r2(prediction: Tensor, truth: Tensor) -> Tensor:
    """prediction, truth (N, V); a scalar on their device."""
    missed = (prediction - truth).square().sum(0)  # (V,)
    varied = (truth - truth.mean(0)).square().sum(0)
    constant = varied == 0
    share = missed / torch.where(constant, torch.ones_like(varied), varied)
    return (1 - torch.where(constant, (missed > 0).to(share.dtype), share)).mean()


def r2_scores(prediction: Tensor, truth: Tensor) -> Tensor:
    """(N,) scores of the samples whose mean is `r2`: each sample's pull on a ratio of sums.

        s_i = 1 - e_i^2 / v + (1 - R2) (d_i^2 / v - 1),   e = p - y, d = y - mean y, v = mean d^2

    To first order their spread is that of R2 over other test samples (the delta method for a ratio). Of a column that never
    varies every sample has R2.
    """
    missed, varied = (prediction - truth).square().double(), (truth - truth.mean(0)).square().double()  # (N, V)
    whole = varied.mean(0)
    constant = whole == 0
    size = torch.where(constant, torch.ones_like(whole), whole)
    share = missed.mean(0) / size
    scores = 1 - missed / size + share * (varied / size - 1)
    flat = (1 - (missed.sum(0) > 0).double()).expand_as(scores)
    return torch.where(constant, flat, scores).mean(1)
