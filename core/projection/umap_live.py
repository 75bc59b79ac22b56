"""UMAP while a model trains: warm starts that cannot rot.

Each frame keeps the last layout and lets it settle on the new graph. A warm start alone slowly tears neighbours apart
(continuity falls while trustworthiness hides it), so now and then a fresh layout is made and both are judged. When the
warm one is worse by `TOLERANCE` in either figure, the fresh one takes over, turned to lie as close to the old one as
it can (Procrustes), and the frame says so. At most `RELAYOUTS` in `WINDOW` frames: a map that jumps teaches nothing.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_matrix

from core.projection.layout import settle
from core.projection.neighbours import Array, nearest, squared_distances
from core.projection.quality import K, sample_rows, trust_and_continuity

TOLERANCE = 0.01
RELAYOUTS, WINDOW = 4, 30
FRESH_EPOCHS, WARM_EPOCHS = 40, 8
WARM_RATE = 0.1
CALM, BRISK = 0.01, 0.1  # median moves in the space at which the layout hardly moves, and moves at the full rate
CHECKS = (2, 6, 14)  # frames at which a fresh layout is made to compare with; then every twentieth
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

    def place(self, x: Array) -> Placed:
        """x (P, D) unit rows -> the frame's layout."""
        distances = squared_distances(x)
        graph = fuzzy_graph(x, distances)
        rows = sample_rows(len(x))
        high = distances[rows]
        self.frames += 1
        before, self.x = self.x, x
        if self.xy is None or before is None or before.shape != x.shape:
            self.xy, self.frames = fresh_layout(graph, x), 1
            return Placed(self.xy, *self._judge(high, self.xy, rows), False)
        warm = settle(self.xy, graph, WARM_EPOCHS, WARM_RATE * liveliness(x, before))
        figures = self._judge(high, warm, rows)
        if self._may_jump(figures):
            fresh = procrustes(fresh_layout(graph, x), self.xy)
            better = self._judge(high, fresh, rows)
            self.best = figures
            if any(new - old > TOLERANCE for new, old in zip(better, figures, strict=True)):
                self.xy = fresh
                self.jumps.append(self.frames)
                self.best = better
                return Placed(fresh, *better, True)
        self.xy = warm
        self.best = (max(self.best[0], figures[0]), max(self.best[1], figures[1]))
        return Placed(warm, *figures, False)

    def _may_jump(self, figures: tuple[float, float]) -> bool:
        recent = [jump for jump in self.jumps if self.frames - jump < WINDOW]
        due = self.frames in CHECKS or self.frames % 20 == 0 or self._dropped(figures)
        return due and len(recent) < RELAYOUTS

    def _dropped(self, figures: tuple[float, float]) -> bool:
        """Whether a figure fell well below its best since the last comparison."""
        return any(best - now > DROP for best, now in zip(self.best, figures, strict=True))

    @staticmethod
    def _judge(high: Array, xy: Array, rows: Array) -> tuple[float, float]:
        return trust_and_continuity(high, squared_distances(xy, rows))


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


def fresh_layout(graph: coo_matrix, x: Array) -> Array:
    """From the graph's spectrum; where that fails (many loose parts), from the first two principal components."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap.spectral import spectral_layout

        start = spectral_layout(x, graph.tocsr(), 2, np.random.RandomState(0))
    start = np.asarray(start, dtype=np.float32)
    start = start - start.mean(0)
    start *= SPAN / max(float(np.abs(start).max()), 1e-12)
    start += np.random.RandomState(0).normal(scale=1e-4, size=start.shape)
    return settle(start.astype(np.float32), graph, FRESH_EPOCHS, 1.0)


def procrustes(moving: Array, still: Array) -> Array:
    """`moving` (P, 2) turned and mirrored (never stretched) to lie as close to `still` as it can."""
    a, b = moving - moving.mean(0), still - still.mean(0)
    u, _, vt = np.linalg.svd(a.T @ b)
    return (a @ (u @ vt) + still.mean(0)).astype(np.float32)
