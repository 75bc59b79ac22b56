"""UMAP while a model trains: warm starts that cannot rot.

Each frame keeps the last layout and lets it settle on the new graph. A warm start alone slowly tears neighbours apart
(continuity falls while trustworthiness hides it), so now and then a fresh layout is made and both are judged. When the
warm one is worse by `TOLERANCE` in either figure, the fresh one takes over, turned to lie as close to the old one as
it can (Procrustes), and the frame says so. At most `RELAYOUTS` in `WINDOW` frames: a map that jumps teaches nothing.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_matrix

from core.projection.layout import procrustes, settle
from core.projection.neighbours import Array, nearest, squared_distances
from core.projection.pca_live import LivePca
from core.projection.quality import K, quality, sample_rows, trust_and_continuity

FEWEST = 2 * K + 1  # points: with fewer, K neighbours are half of all, and there is no neighbourhood to draw
NARROWEST = 1e-6  # of unit vectors: what is closer together is single precision's rounding
TOLERANCE = 0.01
RELAYOUTS, WINDOW = 4, 30
WORK = 300_000  # points x epochs of a layout that will be shown; umap's own 500 epochs for 600 points and fewer
FULL_EPOCHS = (150, 500)  # between these; fewer leave small or even clouds .02 to .06 behind umap in trustworthiness
TRIAL = 80_000  # of one that is made to compare with, 40 epochs at least; made in full if it wins
TRIAL_EPOCHS = (40, 500)
WARM_EPOCHS, WARM_RATE = 8, 0.1
CALM, BRISK = 0.01, 0.1  # median moves in the space at which the layout hardly moves, and moves at the full rate
CHECKS = (2, 6, 14)  # frames at which a fresh layout is made to compare with; then every twentieth
FAR = 0.5  # median way since the last comparison, as a share of the cloud's own width: compare at once
DROP = 0.006  # worse than the best since then by this: compare at once
SPAN = 10.0  # the layouts' own size, as in UMAP


@dataclass(frozen=True)
class Placed:
    """A layout (P, 2) and its figures."""

    xy: Array
    trustworthiness: float
    continuity: float
    relayout: bool


@dataclass
class LiveUmap:
    """Feed it the frames of one run in order."""

    xy: Array | None = None
    x: Array | None = None  # the last frame's points
    frames: int = 0
    jumps: list[int] = field(default_factory=list)  # frames that were laid out anew
    best: tuple[float, float] = (0.0, 0.0)  # figures since the last comparison
    compared: Array | None = None  # the points then

    def place(self, x: Array) -> Placed:
        """x (P, D) unit rows -> the frame's layout. A plain PCA of fewer than FEWEST points (NaN where it cannot be judged),
        and of points in one spot, of whose rounding UMAP would make a disc."""
        if len(x) < FEWEST or float(np.abs(x - x[0]).max()) < NARROWEST:
            self.xy, flat = None, LivePca().place(x)[0]
            return Placed(flat, *(quality(x, flat) or (math.nan, math.nan)), False)
        distances = squared_distances(x)
        graph = fuzzy_graph(x, distances)
        rows = sample_rows(len(x))
        high = distances[rows]
        self.frames += 1
        before, self.x = self.x, x
        if self.xy is None or before is None or before.shape != x.shape:
            self.xy, self.frames = fresh_layout(graph, x, epochs(WORK, len(x), FULL_EPOCHS)), 1
            self.best, self.compared = self._judge(high, self.xy, rows), x
            return Placed(self.xy, *self.best, False)
        warm = settle(self.xy, graph, WARM_EPOCHS, WARM_RATE * liveliness(x, before))
        figures = self._judge(high, warm, rows)
        if self._may_jump(figures, x):
            trial = fresh_layout(graph, x, epochs(TRIAL, len(x), TRIAL_EPOCHS))
            self.best, self.compared = figures, x
            if _better(self._judge(high, trial, rows), figures):
                full = fresh_layout(graph, x, epochs(WORK, len(x), FULL_EPOCHS))
                self.xy = procrustes(full, self.xy)
                self.jumps.append(self.frames)
                self.best = self._judge(high, self.xy, rows)
                return Placed(self.xy, *self.best, True)
        self.xy = warm
        self.best = (max(self.best[0], figures[0]), max(self.best[1], figures[1]))
        return Placed(warm, *figures, False)

    def _may_jump(self, figures: tuple[float, float], x: Array) -> bool:
        recent = [jump for jump in self.jumps if self.frames - jump < WINDOW]
        due = self.frames in CHECKS or self.frames % 20 == 0 or self._dropped(figures) or self._far(x)
        return due and len(recent) < RELAYOUTS

    def _dropped(self, figures: tuple[float, float]) -> bool:
        """Whether a figure fell well below its best since the last comparison."""
        return any(best - now > DROP for best, now in zip(self.best, figures, strict=True))

    def _far(self, x: Array) -> bool:
        """Whether the points have gone so far since the last comparison that their neighbours may be others."""
        if self.compared is None:
            return True
        gone = np.median(np.linalg.norm(x - self.compared, axis=1))
        return float(gone) > FAR * float(np.median(np.linalg.norm(x - x.mean(0), axis=1)))

    @staticmethod
    def _judge(high: Array, xy: Array, rows: Array) -> tuple[float, float]:
        return trust_and_continuity(high, squared_distances(xy, rows))


def _better(new: tuple[float, float], old: tuple[float, float]) -> bool:
    return any(a - b > TOLERANCE for a, b in zip(new, old, strict=True))


def epochs(work: int, points: int, between: tuple[int, int]) -> int:
    """Epochs that so much work buys with so many points."""
    return min(max(work // points, between[0]), between[1])


def liveliness(x: Array, before: Array) -> float:
    """0..1: how much the points moved in the space. A map must not move more than the model did."""
    moved = float(np.median(np.linalg.norm(x - before, axis=1)))
    return min(1.0, max(0.05, (moved - CALM) / (BRISK - CALM)))


def fuzzy_graph(x: Array, distances: Array) -> coo_matrix:
    """UMAP's own fuzzy neighbour graph from exact neighbours."""
    near, squared = nearest(distances, K - 1)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # umap misses Tensorflow, and says that given neighbours cannot be searched later
        from umap.umap_ import fuzzy_simplicial_set

        graph, *_ = fuzzy_simplicial_set(
            x, K, np.random.RandomState(0), "euclidean", knn_indices=near, knn_dists=np.sqrt(squared)
        )
    return graph.tocoo()


def fresh_layout(graph: coo_matrix, x: Array, epochs: int) -> Array:
    """From the graph's spectrum; where that fails (many loose parts), from the first two principal components."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap.spectral import spectral_layout

        start = spectral_layout(x, graph.tocsr(), 2, np.random.RandomState(0))
    start = np.asarray(start, dtype=np.float32)
    start = start - start.mean(0)
    start *= SPAN / max(float(np.abs(start).max()), 1e-12)
    start += np.random.RandomState(0).normal(scale=1e-4, size=start.shape)
    return settle(start.astype(np.float32), graph, epochs, 1.0)
