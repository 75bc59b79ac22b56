"""Small outputs and batches that the objectives' tests share."""

from __future__ import annotations

import torch
from torch import Tensor

from core.objectives import build_objective
from core.output import Batch, Output

SENSES = ("a", "b", "c")


def output_of(rows: int = 8, count: int = 2, width: int = 4, seed: int = 0) -> Output:
    """Random embeddings that want a gradient."""
    draw = torch.Generator().manual_seed(seed)
    return Output(z={name: torch.randn(rows, width, generator=draw).requires_grad_() for name in SENSES[:count]})


def batch_of(pair: Tensor, present: dict[str, Tensor] | None = None, count: int = 2) -> Batch:
    """A batch with these pair ids, which are its labels too."""
    here = {name: torch.ones(len(pair), dtype=torch.bool) for name in SENSES[:count]}
    return Batch({}, {**here, **(present or {})}, pair, pair, torch.arange(len(pair)))


def loss_of(name: str, output: Output, batch: Batch, **parameters: float | str | bool) -> Tensor:
    """The objective's one term."""
    objective = build_objective(name, {f"{name}.{parameter}": value for parameter, value in parameters.items()})
    return objective(output, batch)[name]


def unit(x: Tensor) -> list[list[float]]:
    """Rows of length 1 as plain numbers, for loops written out."""
    return (x.detach().double() / x.detach().double().norm(dim=1, keepdim=True)).tolist()


def squared(u: list[float], v: list[float]) -> float:
    """The squared distance of two points."""
    return sum((p - q) ** 2 for p, q in zip(u, v, strict=True))
