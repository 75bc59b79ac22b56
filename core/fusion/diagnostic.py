"""Diagnostics: what a method shows of its internals (gates, weights, attention), and those that several methods share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Diagnostic:
    """Something worth seeing inside a method, averaged over samples: `axes` name the entries of `mean`."""

    axes: tuple[tuple[str, ...], ...]
    mean: Tensor


def share_of_norm(parts: Mapping[str, Tensor]) -> Diagnostic:
    """How much each modality's part (B, D) weighs in a sum, by its norm; the shares add up to 1."""
    norms = torch.stack([part.norm(dim=1) for part in parts.values()], 1)  # (B, M)
    shares = norms / norms.sum(1, keepdim=True).clamp_min(1e-12)
    return Diagnostic((tuple(parts),), shares.mean(0))


def mean_where(values: Mapping[str, Tensor], masks: Mapping[str, Tensor]) -> Diagnostic:
    """Mean of each modality's values (B,) over the samples that have it."""
    means = [(value * masks[name]).sum() / masks[name].sum().clamp_min(1) for name, value in values.items()]
    return Diagnostic((tuple(values),), torch.stack(means))


def places(name: str, tokens: Tensor) -> tuple[str, ...]:
    """Names of a modality's tokens (B, T, D), as an axis."""
    return tuple(f"{name} {place + 1}" for place in range(tokens.shape[1]))
