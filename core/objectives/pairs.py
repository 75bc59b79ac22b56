"""What a contrastive objective is taken over: the pairs of modalities, and in each which samples match.

    match_ij   a_i and b_j are there and have the same pair id              (B, B)
    other_ij   a_i and b_j are there and have not                           (B, B)

With real pairs only the diagonal matches; with pairs by class all of a class do, since a five is no wrong partner of
another five. Samples that lack one of the two are in neither. Nothing here waits for the device: masks, no selections.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.errors import missing_method
from core.objectives.base import Objective
from core.output import Batch, Output

SMALLEST = 1e-12  # below it a square root's slope is taken as 0: equal embeddings must not give NaN


@dataclass(frozen=True)
class Pair:
    """Two modalities of a batch of B samples."""

    a: Tensor  # (B, D)
    b: Tensor  # (B, D)
    both: Tensor  # (B,) bool: the samples that have both
    match: Tensor  # (B, B) bool
    other: Tensor  # (B, B) bool

    def cosine(self) -> Tensor:
        """(B, B): row i, column j is cos(a_i, b_j)."""
        return F.normalize(self.a, dim=1) @ F.normalize(self.b, dim=1).T

    def squared(self) -> Tensor:
        """(B, B) squared distances of unit vectors, 0 to 4: d^2 = 2 - 2 cos."""
        return (2 - 2 * self.cosine()).clamp_min(0)

    def distance(self) -> Tensor:
        """(B, B) distances of unit vectors, 0 to 2."""
        return root(self.squared())


class PairObjective(Objective):
    """Subclass and write `between`; several pairs of modalities count alike."""

    needs_pairs = True
    joint = True

    def between(self, pair: Pair) -> Tensor:
        """The loss of two modalities, a scalar."""
        raise missing_method(self, "between(self, pair)")

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        losses = [self.between(pair) for pair in pairs(output, batch)]
        return {self.name: torch.stack(losses).mean()}


def pairs(output: Output, batch: Batch) -> list[Pair]:
    """Every two modalities of the output."""
    matching = batch.pair.unsqueeze(1) == batch.pair  # (B, B)
    made = []
    for a, b in combinations(output.z, 2):
        both = batch.present[a] & batch.present[b]
        candidates = both.unsqueeze(1) & both
        made.append(Pair(output.z[a], output.z[b], both, matching & candidates, ~matching & candidates))
    return made


def mean_where(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of the values that are there; 0 when none is."""
    return (values * mask).sum() / mask.sum().clamp_min(1)


def root(squares: Tensor) -> Tensor:
    """A square root whose slope at 0 is 0 instead of infinite."""
    return squares.clamp_min(SMALLEST).sqrt()


def centred(x: Tensor, both: Tensor) -> Tensor:
    """x (B, D) less its mean over the samples that are there; rows that are not there are 0."""
    mask = both.unsqueeze(1)
    return (x - (x * mask).sum(0) / both.sum().clamp_min(1)) * mask
