"""Exact nearest neighbours of up to ten thousand points, by one matrix product."""

from __future__ import annotations

import numpy as np

from core.projection.compiled import kernel

Array = np.ndarray


def squared_distances(x: Array, rows: Array | None = None) -> Array:
    """(R, P) squared Euclidean distances of some rows (all by default) to all points (P, D); oneself is -1: always first.

    Around the mean: of a cloud that is narrow beside its distance from 0 the difference of squares would be rounding.
    """
    x = x - x.mean(0)
    y = x if rows is None else x[rows]
    squares = (x**2).sum(1)
    d = (-2 * y) @ x.T
    d += squares
    d += (squares if rows is None else squares[rows])[:, None]
    np.maximum(d, 0, out=d)
    d[np.arange(len(y)), np.arange(len(x)) if rows is None else rows] = -1
    result: Array = d
    return result


def nearest(distances: Array, k: int) -> tuple[Array, Array]:
    """Indices and squared distances (R, k + 1) of the nearest, oneself first, in order."""
    index = np.empty((len(distances), k + 1), np.int64)
    found = np.empty((len(distances), k + 1), np.float32)
    _select(np.ascontiguousarray(distances, np.float32), index, found)
    found[:, 0] = 0
    return index, found


@kernel()
def _select(distances: Array, index: Array, found: Array) -> None:
    """One pass a row with the best so far in a sorted list: most candidates fail the first comparison (5x argpartition)."""
    rows, points = distances.shape
    count = index.shape[1]
    for i in range(rows):
        found[i, :] = np.inf
        for p in range(points):
            d = distances[i, p]
            if d >= found[i, count - 1]:
                continue
            at = count - 1
            while at > 0 and found[i, at - 1] > d:
                found[i, at] = found[i, at - 1]
                index[i, at] = index[i, at - 1]
                at -= 1
            found[i, at] = d
            index[i, at] = p
