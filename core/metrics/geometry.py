"""The shape of an embedding space, from unit vectors.

gap         | mean_i a_i - mean_i b_i |                 2 at most; Liang et al. 2022, https://arxiv.org/abs/2203.02053
alignment   mean over partners of |a_i - b_j|^2         0 is perfect; Wang & Isola 2020, https://arxiv.org/abs/2005.10242
uniformity  log mean_{i != j} exp(-2 |z_i - z_j|^2)     0 collapsed, lower is more spread
spread      sum_d var(z_d) = 1 - | mean_i z_i |^2       0 all in one point, 1 at most; what a rank or a gap cannot tell
purity      mean share of the k nearest that have the same label
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def modality_gap(a: Tensor, b: Tensor) -> float:
    """a, b (N, D) unit vectors."""
    return float((a.mean(0) - b.mean(0)).norm())


def alignment(a: Tensor, b: Tensor) -> float:
    """a, b (N, D) unit vectors, row i of one belongs to row i of the other."""
    return float((a - b).square().sum(1).mean())


def uniformity(z: Tensor) -> float:
    """z (N, D) unit vectors; over all ordered pairs of different rows."""
    count = len(z)
    similarity = z @ z.T
    potential = (4 * similarity - 4).exp_()  # |x - y|^2 = 2 - 2 x.y
    off = float(potential.sum(dtype=torch.double) - potential.diagonal().sum(dtype=torch.double))
    return math.log(off / (count * (count - 1)))


def knn_purity(z: Tensor, label: Tensor, k: int = 15) -> float:
    """z (N, D) unit vectors, label (N,)."""
    similarity = (z @ z.T).fill_diagonal_(-torch.inf)
    near = similarity.topk(min(k, len(z) - 1), dim=1).indices
    return float((label[near] == label.unsqueeze(1)).double().mean())


def spread(z: Tensor) -> float:
    """z (N, D) unit vectors; in double, since near 0 it is a small difference of large numbers."""
    return float(1 - z.double().mean(0).square().sum())
