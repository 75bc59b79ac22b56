"""PCA on a basis that stays: what moves on the map is what moved in the space.

The plane is that of the first frame. It is kept while it shows at least `ENOUGH` of the variance that the best plane of
the current frame would; then it is replaced, turned to lie close to the old map, and the frame says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.projection.layout import procrustes
from core.projection.neighbours import Array

ENOUGH = 0.7


@dataclass
class LivePca:
    """Feed it the frames of one run in order."""

    basis: Array | None = None  # (D, 2)

    def place(self, x: Array) -> tuple[Array, bool]:
        """x (P, D) -> layout (P, 2), and whether the plane was replaced. A line (D = 1) is drawn as one."""
        centred = np.pad(x, ((0, 0), (0, max(0, 2 - x.shape[1]))))
        centred = centred - centred.mean(0)
        values, vectors = np.linalg.eigh(centred.T @ centred)
        best, most = vectors[:, -2:], float(values[-2:].sum())
        if self.basis is None or len(self.basis) != centred.shape[1]:
            self.basis = best
            return centred @ self.basis, False
        shown = centred @ self.basis
        if float((shown**2).sum()) >= ENOUGH * most:
            return shown, False
        turned = procrustes(centred @ best, shown)
        self.basis = np.linalg.lstsq(centred, turned - turned.mean(0), rcond=None)[0].astype(np.float32)
        return centred @ self.basis, True
