"""What an objective reads, in plain numpy."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from tests.core.cards.table import Array, unit


@dataclass
class Case:
    """What an objective reads, in double precision; `parameters` hold the values that it has learnt, too."""

    z: dict[str, Array]  # modality -> (B, D), any value where it is absent
    here: dict[str, Array]  # modality -> (B,) bool
    pair: Array  # (B,)
    target: Array  # (B,)
    predictions: Array = field(default_factory=lambda: np.zeros(()))  # (B, C), (B, K) or (B, V)
    truth: Array = field(default_factory=lambda: np.zeros(()))  # labels (B, K) or values (B, V)
    parameters: dict[str, Any] = field(default_factory=dict)

    def pairs(self) -> list[tuple[Array, Array, Array]]:
        """Of every two modalities: a and b of the samples that have both, y (B, B), 1 where they belong together, else -1."""
        found = []
        for a, b in combinations(self.z, 2):
            both = self.here[a] & self.here[b]
            belong = self.pair[both][:, None] == self.pair[both][None]
            found.append((self.z[a][both], self.z[b][both], np.where(belong, 1, -1)))
        return found

    def points(self, ids: Array) -> tuple[Array, Array]:
        """All embeddings that are there as unit vectors (N, D), and the ids (N,) of their samples."""
        u = np.concatenate([unit(self.z[m][self.here[m]]) for m in self.z])
        return u, np.concatenate([ids[self.here[m]] for m in self.z])


def distance(u: Array, v: Array) -> Array:
    """(N, M)"""
    return np.sqrt(((u[:, None] - v[None]) ** 2).sum(2))
