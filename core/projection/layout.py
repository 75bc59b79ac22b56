"""UMAP's layout as one small kernel: attraction along the graph's edges, repulsion from random points.

The same negative samples in every frame: two frames with equal graphs get equal moves, so what moves on the screen is
what moved in the model. McInnes, Healy & Melville 2018, https://arxiv.org/abs/1802.03426; a, b fit min_dist .1.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix

from core.projection.compiled import kernel
from core.projection.neighbours import Array

A, B = 1.5769434603113077, 0.8950608779109733
NEGATIVES = 4


def edges(graph: coo_matrix, epochs: int) -> tuple[Array, Array, Array]:
    """Heads, tails and weights (0..1] of the edges that are strong enough to be drawn in so many epochs, each once."""
    upper = graph.row < graph.col
    row, col, weight = graph.row[upper], graph.col[upper], graph.data[upper].astype(np.float32)
    weight = weight / weight.max()
    keep = weight >= 1.0 / max(epochs, 1)
    return row[keep].astype(np.int32), col[keep].astype(np.int32), weight[keep]


def settle(xy: Array, graph: coo_matrix, epochs: int, rate: float) -> Array:
    """A copy of the layout (P, 2) after some epochs; `rate` falls linearly to zero."""
    placed = np.ascontiguousarray(xy, dtype=np.float32).copy()
    head, tail, weight = edges(graph, max(epochs, 30))
    _settle(placed, head, tail, weight, epochs, rate)
    return placed


def procrustes(moving: Array, still: Array) -> Array:
    """`moving` (P, 2) turned and mirrored (never stretched) to lie as close to `still` as it can."""
    a, b = moving - moving.mean(0), still - still.mean(0)
    u, _, vt = np.linalg.svd(a.T @ b)
    result: Array = (a @ (u @ vt) + still.mean(0)).astype(np.float32)
    return result


@kernel(fastmath=True)
def _settle(xy: Array, head: Array, tail: Array, weight: Array, epochs: int, rate: float) -> None:
    points = xy.shape[0]
    due = 1.0 / weight
    next_due = due.copy() * 0.5
    state = np.uint32(2463534242)
    for epoch in range(1, epochs + 1):
        alpha = rate * (1.0 - (epoch - 1.0) / epochs)
        for e in range(head.shape[0]):
            if next_due[e] > epoch:
                continue
            next_due[e] += due[e]
            i, j = head[e], tail[e]
            dx, dy = xy[i, 0] - xy[j, 0], xy[i, 1] - xy[j, 1]
            d2 = dx * dx + dy * dy
            if d2 > 0.0:
                power = d2**B
                pull = (-2.0 * A * B * power / d2) / (1.0 + A * power)
                gx, gy = _clip(pull * dx) * alpha, _clip(pull * dy) * alpha
                xy[i, 0] += gx
                xy[i, 1] += gy
                xy[j, 0] -= gx
                xy[j, 1] -= gy
            for side in range(2):
                me = i if side == 0 else j
                for _ in range(NEGATIVES):
                    state ^= (state << np.uint32(13)) & np.uint32(0xFFFFFFFF)
                    state ^= state >> np.uint32(17)
                    state ^= (state << np.uint32(5)) & np.uint32(0xFFFFFFFF)
                    other = state % np.uint32(points)
                    if other == me:
                        continue
                    dx, dy = xy[me, 0] - xy[other, 0], xy[me, 1] - xy[other, 1]
                    d2 = dx * dx + dy * dy
                    push = 2.0 * B / ((0.001 + d2) * (1.0 + A * d2**B))
                    xy[me, 0] += _clip(push * dx) * alpha
                    xy[me, 1] += _clip(push * dy) * alpha


@kernel()
def _clip(value: float) -> float:
    return min(4.0, max(-4.0, value))
