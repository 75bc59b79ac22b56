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
