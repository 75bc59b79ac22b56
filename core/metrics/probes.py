"""Probes of frozen embeddings: how well a simple classifier predicts the label from them.

    linear   ridge regression to one-hot labels, closed form    W = (Z'Z + a I)^-1 Z'Y
    kNN      majority of the k nearest by cosine, each weighted by 1 + its cosine; those that tie for the k-th place share
             what places are left

Alain & Bengio, Understanding intermediate layers using linear classifier probes, 2016. https://arxiv.org/abs/1610.01644
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.errors import MetricError
from core.metrics.accuracy import hits
from core.metrics.check import classes, enough, rows, unit, within

NAME = "probe"
_LARGE = 1e10  # its square still fits single precision many times over
_SMALL = 1e-3  # below it a column's spread could be taken for none


def linear_probe(z: Tensor, target: Tensor, asked: Tensor, answer: Tensor, ridge: float = 1e-2) -> float:
    """Accuracy on `asked` (N', D), `answer` (N',) of a ridge classifier fitted on `z` (N, D), `target` (N,)."""
    z, asked = _checked(z, target, asked, answer)
    mean, scale = z.mean(0), z.std(0).clamp_min(1e-6)
    design = _with_bias((z - mean) / scale).double()  # (N, D + 1)
    labels = F.one_hot(target, int(torch.maximum(target.max(), answer.max())) + 1).double()
    gram = design.T @ design + ridge * len(z) * torch.eye(design.shape[1], dtype=torch.double, device=z.device)
    weights = torch.linalg.solve(gram, design.T @ labels)
    scores = _with_bias((asked - mean) / scale).double() @ weights
    return float(hits(scores, answer, NAME).mean())


def knn_probe(z: Tensor, target: Tensor, asked: Tensor, answer: Tensor, k: int = 15) -> float:
    """Accuracy of a vote among the k nearest by cosine, each weighted by its similarity (so ties are rare)."""
    z, asked = _checked(z, target, asked, answer)
    within(NAME, "k", k, 1, torch.inf)
    similarity = unit(NAME, asked) @ unit(NAME, z).T  # (N', N)
    near = min(k, len(z))
    top = similarity.topk(min(near + 1, len(z)), dim=1)
    last = top.values[:, near - 1 : near]
    votes = similarity.new_zeros(len(asked), int(torch.maximum(target.max(), answer.max())) + 1)
    if not bool((top.values[:, near:] == last).any()):  # no tie reaches beyond the k-th place
        votes.scatter_add_(1, target[top.indices[:, :near]], top.values[:, :near] + 1.0)
    else:
        above, tied = similarity > last, similarity == last
        share = (near - above.sum(1, keepdim=True)) / tied.sum(1, keepdim=True)
        weight = (above + share * tied) * (similarity + 1.0)
        votes.index_add_(1, target, weight.to(votes.dtype))
    return float(hits(votes, answer, NAME).mean())


def _checked(z: Tensor, target: Tensor, asked: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
    """The embeddings, in double where they are in half precision, and brought to size where their scale is far from 1."""
    rows(NAME, 2, z=z)
    rows(NAME, 2, asked=asked)
    if z.shape[1] != asked.shape[1]:
        expected, actual = f"({len(asked)}, {z.shape[1]})", tuple(asked.shape)
        raise MetricError("metric_shape", metric=NAME, name="asked", expected=expected, actual=actual)
    enough(NAME, "z", len(z), 2)
    classes(NAME, len(z), target=target)
    classes(NAME, len(asked), answer=answer)
    largest = float(torch.maximum(z.abs().max(), asked.abs().max()))
    if largest > _LARGE or 0 < largest < _SMALL:
        return z.double() / largest, asked.double() / largest
    if z.element_size() < 4 or not z.is_floating_point():
        return z.double(), asked.double()
    return z, asked


def _with_bias(z: Tensor) -> Tensor:
    return torch.cat([z, torch.ones_like(z[:, :1])], 1)
