"""Embeddings made by hand: what a fusion's `fuse` is given, without encoders in between."""

from __future__ import annotations

import torch
from torch import Tensor

from core.fusion.base import FeatureFusion

ROWS = 6


def embeddings(model: FeatureFusion, rows: int = ROWS, seed: int = 0) -> dict[str, Tensor]:
    """Random z (B, D) of every modality."""
    draw = torch.Generator().manual_seed(seed)
    return {name: torch.randn(rows, model.spec.width, generator=draw) for name in model.names}


def everyone(model: FeatureFusion, rows: int = ROWS, without: str = "") -> dict[str, Tensor]:
    """All present, but for one perhaps."""
    return {name: torch.full((rows,), name != without) for name in model.names}


def fused(model: FeatureFusion, z: dict[str, Tensor], without: str = "") -> Tensor:
    """h (B, D); an absent modality arrives as zeros, as `encode` sends it."""
    rows = len(next(iter(z.values())))
    sent = {name: torch.zeros_like(value) if name == without else value for name, value in z.items()}
    return model.fuse(sent, {}, everyone(model, rows, without)).detach()


def swapped(z: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same vectors, each said by the next modality."""
    values = list(z.values())
    return dict(zip(z, [*values[1:], values[0]], strict=True))
