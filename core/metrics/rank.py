"""Effective rank: how many directions an embedding really uses.

    s    singular values of Z (N, D),   p = s / sum s
    rank = exp(- sum p ln p)                            1 .. min(N, D)
    total variance = sum over columns of var z

The rank is blind to collapse, for it divides the scale out: a cloud shrunk to a point keeps its rank. So the variance
belongs beside it.

Roy & Vetterli, The effective rank, 2007.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.metrics.check import centred as without_mean
from core.metrics.check import rows, settled


def effective_rank(z: Tensor, centred: bool = False) -> float:
    """z (N, D). `centred` takes the mean out first: of an embedding one wants the rank of its spread. All 0 has rank 0."""
    rows("effective rank", 2, z=z)
    largest = z.double().abs().max()
    if not largest:
        return 0.0
    s = torch.linalg.svdvals(without_mean(z) / largest if centred else z.double() / largest)
    if not s.sum():
        return 0.0
    return settled("effective rank", float(torch.special.entr(s / s.sum()).sum().exp()))


def total_variance(z: Tensor) -> float:
    """z (N, D) -> sum of the columns' variances (over N), the square of z's unit."""
    rows("total variance", 2, z=z)
    return settled("total variance", float(without_mean(z).square().mean(0).sum()))
