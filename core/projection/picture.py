"""An embedding frame becomes the picture that browsers get: layouts, similarity, links, and what is not to be trusted.

xy/pca, xy/umap  int16 (M, N, 2)   value / 32767 in -1..1 of a frame that keeps its scale while the points fit;
                                   NOWHERE is a point whose embedding is not finite
similarity       uint8             upper triangle of the cosine matrix of two modalities' matrix samples
link             uint8 (M - 1, N)  cosine distance 0..2 between modality 0 and m of each sample
halo             uint8 (M, N)      1 where fewer than HALO of the map's neighbours are true neighbours

These are made of the block whose role is "embedding"; every other block of the frame passes through as it is, and the header
says its role: of a class `prediction` uint8 (N,), (uint16 of more than 256), `uncertainty` (N,) 0..255, what a method shows.

The header's `maps` tells of each layout how much it lies, null where too few points are there to tell; `no_umap` says
why there is no second layout ("warming", "few", "broken"); `not_finite` counts the points that could not be placed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.projection.honesty import halo, links, separability, similarity
from core.projection.neighbours import Array
from core.projection.pca_live import LivePca
from core.projection.quality import K, neighbourhood, quality
from core.projection.umap_live import FEWEST, NARROWEST, LiveUmap
from core.projection.unit import unit
from core.runs.frames import embedding_of, roles_of

ROOM = 0.92  # of the frame that a new scale fills
NOWHERE = -32768
CARRIED = ("step", "epoch", "epochs", "values", "diagnostics")


@dataclass
class FrameProjector:
    """Makes the pictures of one run, in order. `with_umap` where its kernels are ready; `why` says why they are not."""

    matrix: list[int]
    with_umap: bool = True
    why: str = "warming"
    pca: LivePca = field(default_factory=LivePca)
    umap: LiveUmap = field(default_factory=LiveUmap)
    scales: dict[str, tuple[Array, float]] = field(default_factory=dict)
    finite: Array | None = None  # (M, N) which points the last frame could place

    def project(self, header: dict[str, Any], blocks: dict[str, Array]) -> tuple[dict[str, Any], dict[str, Array]]:
        """Header and blocks of the picture."""
        roles = roles_of(header)
        embedding = embedding_of(roles)
        cubes = unit(blocks[embedding])  # (M, N, D)
        count, samples, _ = cubes.shape
        finite = np.isfinite(cubes).all(2)
        cubes[~finite] = 0
        self._follow(finite)
        x = cubes[finite]  # (P, D)
        layouts, maps = self._layouts(x)
        made = {f"xy/{name}": self._fitted(name, xy, finite) for name, xy in layouts.items()}
        if count > 1:
            made["similarity"] = similarity(cubes[:2], self.matrix)
            made["link"] = links(cubes)
        made["halo"] = np.zeros((count, samples), np.uint8)
        made["halo"][finite] = halo(x, layouts.get("umap", layouts["pca"]))
        passed = {name: block for name, block in blocks.items() if name != embedding and name not in made}
        made |= passed
        picture_header = {name: header[name] for name in CARRIED} | {
            "roles": {name: roles.get(name, "") for name in passed}
        }
        picture_header |= {"kind": "projection", "maps": maps, "separability": separability(cubes, finite)}
        picture_header |= {"not_finite": lost} if (lost := int((~finite).sum())) else {}
        picture_header |= {} if "umap" in layouts else {"no_umap": "few" if len(x) < FEWEST else self.why}
        return picture_header | {"matrix_modalities": [0, 1] if count > 1 else [0]}, made

    def _follow(self, finite: Array) -> None:
        """Points that come or go end the warm start, which knows points by their place."""
        if self.finite is not None and not np.array_equal(finite, self.finite):
            self.umap = LiveUmap()
        self.finite = finite

    def _layouts(self, x: Array) -> tuple[dict[str, Array], dict[str, Any]]:
        flat, replaced = self.pca.place(x) if len(x) else (np.zeros((0, 2), np.float32), False)
        layouts = {"pca": flat}
        maps: dict[str, Any] = {"pca": _figures(quality(x, flat), len(x), replaced)}
        if self.with_umap and len(x) >= FEWEST:
            placed = self.umap.place(x)
            layouts["umap"] = placed.xy
            maps["umap"] = _figures((placed.trustworthiness, placed.continuity), len(x), placed.relayout)
        return layouts, maps

    def _fitted(self, name: str, xy: Array, finite: Array) -> Array:
        """Into the fixed frame. The scale changes only when points would leave it or fill less than half."""
        fitted = np.full((*finite.shape, 2), NOWHERE, np.int16)
        if not len(xy):
            return fitted
        centre, scale = self.scales.get(name, (xy.mean(0), 0.0))
        reach = float(np.abs(xy - centre).max())
        if scale == 0.0 or reach * scale > 1.0 or reach * scale < 0.45:
            centre = (xy.max(0) + xy.min(0)) / 2
            scale = ROOM / max(float(np.abs(xy - centre).max()), NARROWEST)
            self.scales[name] = centre, scale
        fitted[finite] = (np.clip((xy - centre) * scale, -1, 1) * 32767).round().astype(np.int16)
        return fitted


def _figures(quality: tuple[float, float] | None, points: int, relayout: bool) -> dict[str, Any]:
    """How far a layout can be believed. `neighbours` is said where it is not the usual number."""
    trust, continuity = (None, None) if quality is None else (round(value, 4) for value in quality)
    fewer = {} if (k := neighbourhood(points)) == K else {"neighbours": k}
    return {"trustworthiness": trust, "continuity": continuity, "relayout": relayout, **fewer}
