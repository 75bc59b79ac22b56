"""An embedding frame becomes the picture that browsers get: layouts, similarity, links, and what is not to be trusted.

xy/pca, xy/umap  int16 (M, N, 2)   value / 32767 in -1..1 of a frame that keeps its scale while the points fit
similarity       uint8             upper triangle of the cosine matrix of two modalities' matrix samples
link             uint8 (M - 1, N)  cosine distance 0..2 between modality 0 and m of each sample
prediction       uint8 (N,)        class; `uncertainty` (N,) 0..255 where the method says so: both as they came
halo             uint8 (M, N)      1 where fewer than HALO of the map's neighbours are true neighbours
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.projection.neighbours import Array, nearest, squared_distances, unit
from core.projection.pca_live import LivePca
from core.projection.quality import K, quality
from core.projection.umap_live import LiveUmap

HALO = 0.2
ROOM = 0.92  # of the frame that a new scale fills
PASSED = ("prediction", "uncertainty")  # blocks of a sample each
CARRIED = ("step", "epoch", "epochs", "values", "look")


@dataclass
class Painter:
    """Makes the pictures of one run, in order. `with_umap` may be switched on when its kernels are ready."""

    matrix: list[int]
    with_umap: bool = True
    pca: LivePca = field(default_factory=LivePca)
    umap: LiveUmap = field(default_factory=LiveUmap)
    scales: dict[str, tuple[Array, float]] = field(default_factory=dict)

    def paint(self, header: dict[str, Any], blocks: dict[str, Array]) -> tuple[dict[str, Any], dict[str, Array]]:
        """Header and blocks of the picture."""
        z = blocks["z"].astype(np.float32)  # (M, N, D)
        count, samples, _ = z.shape
        x = unit(z.reshape(count * samples, -1))
        layouts, maps = self._layouts(x)
        shown = layouts.get("umap", layouts["pca"])
        cubes = x.reshape(count, samples, -1)
        made = {f"xy/{name}": self._fitted(name, xy, count) for name, xy in layouts.items()}
        if count > 1:
            made["similarity"] = similarity(cubes[:2], self.matrix)
            made["link"] = links(cubes)
        made["halo"] = halo(x, shown).reshape(count, samples)
        made |= {name: blocks[name] for name in PASSED if name in blocks}
        told = {name: header[name] for name in CARRIED}
        told |= {"kind": "projection", "maps": maps, "separability": separability(cubes)}
        return told | {"matrix_modalities": [0, 1] if count > 1 else [0]}, made

    def _layouts(self, x: Array) -> tuple[dict[str, Array], dict[str, Any]]:
        flat, replaced = self.pca.place(x)
        trust, continuity = quality(x, flat)
        layouts = {"pca": flat}
        maps: dict[str, Any] = {"pca": _figures(trust, continuity, replaced)}
        if self.with_umap:
            placed = self.umap.place(x)
            layouts["umap"] = placed.xy
            maps["umap"] = _figures(placed.trustworthiness, placed.continuity, placed.relayout)
        return layouts, maps

    def _fitted(self, name: str, xy: Array, count: int) -> Array:
        """Into the fixed frame. The scale changes only when points would leave it or fill less than half."""
        centre, scale = self.scales.get(name, (xy.mean(0), 0.0))
        reach = float(np.abs(xy - centre).max())
        if scale == 0.0 or reach * scale > 1.0 or reach * scale < 0.45:
            centre = (xy.max(0) + xy.min(0)) / 2
            scale = ROOM / max(float(np.abs(xy - centre).max()), 1e-9)
            self.scales[name] = centre, scale
        inside = np.clip((xy - centre) * scale, -1, 1)
        return (inside * 32767).round().astype(np.int16).reshape(count, -1, 2)


def similarity(cubes: Array, positions: list[int]) -> Array:
    """cubes (2, N, D) unit rows -> cosines of [samples of modality 0, the same of modality 1], 0 is -1, 255 is +1."""
    chosen = cubes[:, positions].reshape(-1, cubes.shape[2])
    cosine = chosen @ chosen.T
    upper = cosine[np.triu_indices(len(chosen))]
    return np.clip((upper + 1) * 127.5, 0, 255).round().astype(np.uint8)


def links(cubes: Array) -> Array:
    """True cosine distance of each sample's modalities from its first."""
    cosine = np.einsum("nd,mnd->mn", cubes[0], cubes[1:])
    return np.clip((1 - cosine) * 127.5, 0, 255).round().astype(np.uint8)


def halo(x: Array, xy: Array) -> Array:
    """(P,) 1 where the map's K nearest are mostly not among the 2K nearest of the space."""
    k = min(K, len(x) - 1)
    true = nearest(squared_distances(x), min(2 * k, len(x) - 1))[0][:, 1:]
    seen = nearest(squared_distances(np.asarray(xy, np.float32)), k)[0][:, 1:]
    member = np.zeros((len(x), len(x)), dtype=bool)
    np.put_along_axis(member, true, True, 1)
    return (np.take_along_axis(member, seen, 1).mean(1) < HALO).astype(np.uint8)


def separability(cubes: Array) -> float:
    """Share of points that lie nearer to their own modality's mean than to any other's; 1 is fully apart."""
    centres = cubes.mean(1)  # (M, D)
    scores = np.einsum("mnd,kd->mnk", cubes, centres) - 0.5 * (centres**2).sum(1)
    return float((scores.argmax(2) == np.arange(len(cubes))[:, None]).mean())


def _figures(trust: float, continuity: float, relayout: bool) -> dict[str, Any]:
    return {"trustworthiness": round(trust, 4), "continuity": round(continuity, 4), "relayout": relayout}
