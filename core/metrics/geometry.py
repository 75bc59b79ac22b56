"""The shape of an embedding space, from unit vectors (an embedding of 0 stays 0: it has no direction).

gap         | mean_i a_i - mean_i b_i |                 2 at most; Liang et al. 2022, https://arxiv.org/abs/2203.02053
alignment   mean over partners of |a_i - b_j|^2         0 is perfect; Wang & Isola 2020, https://arxiv.org/abs/2005.10242
uniformity  log mean_{i != j} exp(-2 |z_i - z_j|^2)     0 collapsed, lower is more spread
spread      sum_d var(z_d) = mean |z_i|^2 - | mean_i z_i |^2    0 all in one point, 1 at most; what a rank or a gap cannot tell
purity      mean share of the k nearest that have the same label; equal cosines at the k-th place share what places are left
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.check import classes, enough, rows, shaped

_UNIT = 1e-4  # how far a squared length may be from 1 to be taken for 1: less is rounding of single precision
_ROUGH = 0.02  # the same, of half precision


def modality_gap(a: Tensor, b: Tensor) -> float:
    """a, b (N, D) unit vectors."""
    (a, _), (b, _) = _lengths("modality gap", a=a), _lengths("modality gap", b=b)
    return float((a.mean(0) - b.mean(0)).norm())


def alignment(a: Tensor, b: Tensor) -> float:
    """a, b (N, D) unit vectors, row i of one belongs to row i of the other."""
    (a, _), (b, _) = _lengths("alignment", a=a), _lengths("alignment", len(a), b=b)
    return float((a - b).square().sum(1).mean())


def uniformity(z: Tensor) -> float:
    """z (N, D) unit vectors, two or more; over all ordered pairs of different rows."""
    z, lengths = _lengths("uniformity", z=z)
    count = len(z)
    enough("uniformity", "z", count, 2)
    similarity = z @ z.T
    if lengths is None:
        potential = (4 * similarity - 4).exp_()  # |x - y|^2 = 2 - 2 x.y
    else:
        potential = (4 * similarity - 2 * lengths - 2 * lengths.unsqueeze(1)).exp_()
    off = float(potential.sum(dtype=torch.double) - potential.diagonal().sum(dtype=torch.double))
    return math.log(off / (count * (count - 1)))


def knn_purity(z: Tensor, label: Tensor, k: int = 15) -> float:
    """z (N, D) unit vectors, two or more, label (N,)."""
    z, _ = _lengths("purity", z=z)
    classes("purity", len(z), label=label)
    enough("purity", "z", len(z), 2)
    near = min(k, len(z) - 1)
    similarity = (z @ z.T).fill_diagonal_(-torch.inf)
    top = similarity.topk(min(near + 1, len(z)), dim=1)  # the diagonal is the last
    last = top.values[:, near - 1 : near]  # (N, 1)
    if not bool((top.values[:, near:] == last).any()):  # no tie reaches beyond the k-th place
        return float((label[top.indices[:, :near]] == label.unsqueeze(1)).double().mean())
    tied, alike = similarity == last, label == label.unsqueeze(1)
    above = similarity > last
    share = (near - above.sum(1)).double() / tied.sum(1)
    return float(((alike & above).sum(1) + share * (alike & tied).sum(1)).mean() / near)


def spread(z: Tensor) -> float:
    """z (N, D) unit vectors; in double, since near 0 it is a small difference of large numbers."""
    z, lengths = _lengths("spread", z=z)
    length = 1.0 if lengths is None else float(lengths.mean())
    return max(0.0, float(length - z.double().mean(0).square().sum()))


def _lengths(metric: str, expected: int | None = None, **named: Tensor) -> tuple[Tensor, Tensor | None]:
    """The vectors (half precision in double), and their squared lengths (N,) where not all are 1."""
    shaped(metric, 2, expected, **named)
    (name, z), *_ = named.items()
    rough = z.element_size() < 4
    z = z.double() if rough or not z.is_floating_point() else z
    squared = z.square().sum(1)
    if bool(((squared - 1).abs() < _UNIT).all()):
        return z, None
    rows(metric, 2, expected, **named)
    slack = _ROUGH if rough else _UNIT
    if not bool((((squared - 1).abs() < slack) | (squared == 0)).all()):
        raise MetricError(
            "metric_values", metric=metric, name=name, expected="vectors of length 1", actual="other lengths"
        )
    return z, squared
