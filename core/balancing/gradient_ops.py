"""Several gradients of one model: taken apart, compared, put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Gradients = list[Tensor | None]  # one a parameter; None where the loss does not reach


def taken_apart(losses: Iterable[Tensor], parameters: Sequence[nn.Parameter]) -> list[Gradients]:
    """Each loss's own gradients. Whatever else a loss reaches (a temperature, a reader) keeps the sum of all, as it should."""
    found: list[Gradients] = []
    for loss in losses:
        for parameter in parameters:
            parameter.grad = None
        loss.backward(retain_graph=True)
        found.append([parameter.grad for parameter in parameters])
    return found


def put_back(parameters: Sequence[nn.Parameter], gradients: Sequence[Gradients]) -> None:
    """The plain sum of several gradients, as one backward pass would leave it."""
    for parameter, each in zip(parameters, zip(*gradients, strict=True), strict=True):
        reached = [gradient for gradient in each if gradient is not None]
        parameter.grad = torch.stack(reached).sum(0) if reached else None


def flat(gradients: Sequence[Tensor | None], parameters: Sequence[nn.Parameter]) -> Tensor:
    """(P,) all of them in a row, zeros where there is none."""
    pairs = zip(gradients, parameters, strict=True)
    return torch.cat([(torch.zeros_like(p) if g is None else g).flatten() for g, p in pairs])


def unflatten(vector: Tensor, parameters: Sequence[nn.Parameter]) -> None:
    """Put a vector (P,) into the parameters' gradients."""
    for part, parameter in zip(vector.split([p.numel() for p in parameters]), parameters, strict=True):
        parameter.grad = part.view_as(parameter).clone()


def cosine(a: Tensor, b: Tensor) -> Tensor:
    """Between two vectors; 0 where one of them is zero."""
    return F.cosine_similarity(a, b, dim=0)
