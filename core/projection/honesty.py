"""What a map cannot show or gets wrong, taken from the space itself: cosines, partners, false neighbours, the gap."""

from __future__ import annotations

import numpy as np

from core.projection.neighbours import Array, nearest, squared_distances
from core.projection.quality import K

HALO = 0.2
_ROWS = 1000  # at a time: bounds the memory of many points


def similarity(cubes: Array, positions: list[int]) -> Array:
    """cubes (2, N, D) unit rows -> cosines of [samples of modality 0, the same of modality 1], 0 is -1, 255 is +1."""
    chosen = cubes[:, positions].reshape(-1, cubes.shape[2])
    cosine = chosen @ chosen.T
    upper = cosine[np.triu_indices(len(chosen))]
    result: Array = np.clip((upper + 1) * 127.5, 0, 255).round().astype(np.uint8)
    return result


def links(cubes: Array) -> Array:
    """True cosine distance of each sample's modalities from its first."""
    cosine = np.einsum("nd,mnd->mn", cubes[0], cubes[1:])
    result: Array = np.clip((1 - cosine) * 127.5, 0, 255).round().astype(np.uint8)
    return result


def halo(x: Array, xy: Array) -> Array:
    """(P,) 1 where the map's K nearest are mostly not among the 2K nearest of the space."""
    points, xy = len(x), np.asarray(xy, np.float32)
    k = min(K, points - 1)
    if k < 1:
        return np.zeros(points, np.uint8)
    kept = [_kept(x, xy, np.arange(start, min(start + _ROWS, points)), k) for start in range(0, points, _ROWS)]
    return (np.concatenate(kept) < HALO).astype(np.uint8)


def _kept(x: Array, xy: Array, rows: Array, k: int) -> Array:
    """Share of the k nearest on the map of each of these rows that are true neighbours."""
    true = nearest(squared_distances(x, rows), min(2 * k, len(x) - 1))[0][:, 1:]
    shown = nearest(squared_distances(xy, rows), k)[0][:, 1:]
    member = np.zeros((len(rows), len(x)), dtype=bool)
    np.put_along_axis(member, true, True, 1)
    share: Array = np.take_along_axis(member, shown, 1).mean(1)
    return share


def separability(cubes: Array, finite: Array | None = None) -> float:
    """Share of points (M, N, D) that lie nearer to their own modality's mean than to any other's; 1 is fully apart.
    Points that are not `finite` (M, N), zeros here, count neither way; nothing at all is 0."""
    mask = np.ones(cubes.shape[:2], bool) if finite is None else finite
    centres = cubes.sum(1) / np.maximum(mask.sum(1), 1)[:, None]  # (M, D)
    scores = np.einsum("mnd,kd->mnk", cubes, centres) - 0.5 * (centres**2).sum(1)
    own = scores.argmax(2) == np.arange(len(cubes))[:, None]
    return float(own[mask].mean()) if mask.any() else 0.0
