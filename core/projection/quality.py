"""How faithful a map is: trustworthiness and continuity (Venna & Kaski 2001).

    T = 1 - 2 / (n k (2n - 3k - 1)) sum_i sum_{j in near_map(i), not in near(i)} (rank(i, j) - k)

Continuity is the same with map and space exchanged: T tells of points that came close without reason, C of neighbours
that were torn apart. A warm-started layout can keep T and lose C, so both are watched. The sum may run over some rows
only: an unbiased estimate at a fraction of the cost, with the same rows for every map that is compared.

Both are 0..1 for k < n / 2 alone, so few points are judged by fewer neighbours, and one or two points not at all.
"""

from __future__ import annotations

import numpy as np

from core.projection.compiled import kernel
from core.projection.neighbours import Array, nearest, squared_distances

K = 15
ROWS = 400  # of at most 2,000 points: the standard error is about .002


def neighbourhood(points: int) -> int:
    """k of so many points: K, or what is still less than half of them; 0 where nothing can be judged."""
    return max(0, min(K, (points - 1) // 2))


def sample_rows(count: int, rows: int = ROWS) -> Array:
    """Evenly spread rows: the same for every frame of a run, both modalities alike."""
    return np.unique(np.linspace(0, count - 1, min(count, rows)).round().astype(np.int64))


def trust_and_continuity(high: Array, low: Array, k: int | None = None) -> tuple[float, float]:
    """`high`, `low`: (R, P) distances of the same rows in the space and on the map, oneself at -1; P is 3 at least.

    ValueError for a `k` (by default as many as can be judged, K at most) that is not below P / 2.
    """
    k = neighbourhood(high.shape[1]) if k is None else k
    if not 0 < 2 * k < high.shape[1]:
        raise ValueError(f"{high.shape[1]} points cannot be judged by {k} neighbours: it takes fewer than half of them")
    near_high, near_low = (nearest(d, k)[0][:, 1:] for d in (high, low))
    trust = _penalty(high, near_low, k)
    continuity = _penalty(low, near_high, k)
    rows, points = high.shape
    scale = 2.0 / (rows * k * (2.0 * points - 3.0 * k - 1.0))
    return 1.0 - scale * trust, 1.0 - scale * continuity


def quality(x: Array, xy: Array) -> tuple[float, float] | None:
    """Trustworthiness and continuity of a map xy (P, 2) of points x (P, D), over `sample_rows`; None of one or two points."""
    if not neighbourhood(len(x)):
        return None
    rows = sample_rows(len(x))
    return trust_and_continuity(squared_distances(x, rows), squared_distances(xy, rows))


@kernel()
def _penalty(distances: Array, neighbours: Array, k: int) -> float:
    """Sum over neighbours of how far beyond k their rank among `distances` lies; rank 1 is the nearest other point."""
    total = 0.0
    rows, points = distances.shape
    for i in range(rows):
        for j in neighbours[i]:
            rank = 0
            limit = distances[i, j]
            for p in range(points):
                if distances[i, p] < limit:
                    rank += 1
            if rank > k:  # `rank` counts oneself too, so it is the rank among the others
                total += rank - k
    return total
