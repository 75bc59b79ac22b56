"""Masks: softmax and means over the modalities and tokens that are present in a sample."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def stacked(values: Mapping[str, Tensor]) -> Tensor:
    """modality -> (B, ...) as one tensor (B, M, ...)."""
    return torch.stack(tuple(values.values()), 1)


def softmax_where(scores: Tensor, mask: Tensor, dim: int) -> Tensor:
    """Softmax along `dim` over the entries where `mask` is true; 0 elsewhere, and 0 everywhere where it is never true."""
    return scores.masked_fill(~mask, -1e9).softmax(dim) * mask  # -inf would make an empty row NaN


def token_mask(tokens: Tensor, present: Tensor) -> Tensor:
    """(B, T) True where a token says something: its modality is there and it is no padding (an all-zero token)."""
    return present.unsqueeze(1) & (tokens != 0).any(2)
