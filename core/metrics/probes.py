"""Readings of frozen embeddings: how much a simple reader can tell about the label.

    linear   ridge regression to one-hot labels, closed form    W = (Z'Z + a I)^-1 Z'Y
    kNN      majority of the k nearest by cosine; ties go to the nearer class mean similarity

Alain & Bengio, Understanding intermediate layers using linear classifier probes, 2016. https://arxiv.org/abs/1610.01644
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def linear_probe(z: Tensor, target: Tensor, asked: Tensor, answer: Tensor, ridge: float = 1e-2) -> float:
    """Accuracy on `asked` (N', D), `answer` (N',) of a ridge classifier fitted on `z` (N, D), `target` (N,)."""
    mean, scale = z.mean(0), z.std(0).clamp_min(1e-6)
    design = _with_bias((z - mean) / scale).double()  # (N, D + 1)
    labels = F.one_hot(target).double()
    gram = design.T @ design + ridge * len(z) * torch.eye(design.shape[1], dtype=torch.double, device=z.device)
    weights = torch.linalg.solve(gram, design.T @ labels)
    scores = _with_bias((asked - mean) / scale).double() @ weights
    return float((scores.argmax(1) == answer).double().mean())


def knn_probe(z: Tensor, target: Tensor, asked: Tensor, answer: Tensor, k: int = 15) -> float:
    """Accuracy of a vote among the k nearest by cosine, each weighted by its similarity (so ties are rare)."""
    similarity = F.normalize(asked, dim=1) @ F.normalize(z, dim=1).T  # (N', N)
    near = similarity.topk(min(k, len(z)), dim=1)
    votes = torch.zeros(len(asked), int(target.max()) + 1, device=z.device)
    votes.scatter_add_(1, target[near.indices], near.values + 1.0)
    return float((votes.argmax(1) == answer).double().mean())


def _with_bias(z: Tensor) -> Tensor:
    return torch.cat([z, torch.ones_like(z[:, :1])], 1)
