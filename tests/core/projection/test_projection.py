"""Pictures move little, say how much they lie, and are small."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.projection.honesty import halo, links, separability, similarity
from core.projection.neighbours import nearest, squared_distances
from core.projection.pca_live import LivePca
from core.projection.picture import FrameProjector
from core.projection.umap_live import CHECKS, DROP, RELAYOUTS, LiveUmap, procrustes
from core.projection.unit import unit
from core.runs import frames, store
from core.serving.projector import project_run

HEADER = {"step": 3, "epoch": 1.0, "epochs": 2, "values": {}, "diagnostics": {}}


def clusters(count: int = 150, seed: int = 0, classes: int = 5) -> np.ndarray:
    """(P, 8) unit rows around a few centres."""
    rng = np.random.RandomState(seed)
    centres = np.random.RandomState(99).normal(size=(classes, 8))
    return unit(centres[np.arange(count) % classes] + 0.25 * rng.normal(size=(count, 8)))


def test_neighbours_are_exact() -> None:
    x = clusters()
    near, squared = nearest(squared_distances(x), 10)
    wanted = np.sort(((x[:, None] - x[None]) ** 2).sum(2), axis=1)[:, :11]
    assert np.allclose(squared, wanted, atol=1e-5) and (near[:, 0] == np.arange(len(x))).all()


def test_equal_frames_hardly_move_and_keep_their_quality() -> None:
    live, x = LiveUmap(), clusters(300)
    first = live.place(x)
    diameter = np.ptp(first.xy, axis=0).max()
    last = first
    for _ in range(12):
        now = live.place(x)
        if not now.relayout:
            assert np.median(np.linalg.norm(now.xy - last.xy, axis=1)) < 0.01 * diameter
        last = now
    assert last.trustworthiness > 0.9 and last.continuity > 0.9
    assert len(live.jumps) <= RELAYOUTS


def test_the_same_frames_give_the_same_pictures() -> None:
    ours, theirs = LiveUmap(), LiveUmap()
    for seed in range(3):
        assert np.array_equal(ours.place(clusters(seed=seed)).xy, theirs.place(clusters(seed=seed)).xy)


def test_procrustes_undoes_a_turn() -> None:
    xy = np.random.RandomState(0).normal(size=(50, 2)).astype(np.float32)
    turned = xy @ np.array([[0.0, -1.0], [1.0, 0.0]], np.float32)
    assert np.allclose(procrustes(turned, xy), xy, atol=1e-5)


def test_pca_keeps_its_plane_until_it_shows_too_little() -> None:
    rng = np.random.RandomState(0)
    flat = rng.normal(size=(100, 6)) * [5, 4, 0.1, 0.1, 0.1, 0.1]
    live = LivePca()
    live.place(flat)
    basis = live.basis
    assert live.place(flat * 1.1)[1] is False and live.basis is basis
    assert live.place(flat[:, ::-1])[1] is True and live.basis is not basis


def test_parts_of_a_picture_by_hand() -> None:
    cubes = np.array([[[1.0, 0], [0, 1]], [[0, 1], [-1, 0]]], np.float32)  # two modalities of two samples
    assert links(cubes).tolist() == [[128, 128]]
    triangle = similarity(cubes, [0, 1])
    assert triangle.tolist() == [255, 128, 128, 0, 255, 255, 128, 255, 128, 255]
    assert separability(np.stack([clusters(20), -clusters(20)])) >= 0.9
    x = clusters()
    assert halo(x, LiveUmap().place(x).xy).mean() < 0.02
    assert halo(x, np.random.RandomState(0).normal(size=(150, 2)).astype(np.float32)).mean() > 0.2


def test_a_picture_of_2000_points_is_small() -> None:
    z = np.random.RandomState(0).normal(size=(2, 1000, 64)).astype(np.float16)
    projector = FrameProjector(list(range(128)))
    header, blocks = projector.project(HEADER, {"z": z, "prediction": np.zeros(1000, np.uint8)})
    assert len(frames.encode(header, blocks)) <= 60_000
    assert set(header["maps"]) == {"pca", "umap"} and blocks["similarity"].shape == (32896,)
    assert np.abs(blocks["xy/umap"]).max() <= 32767


def test_a_run_gets_a_picture_for_every_frame(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / finished.name
    shutil.copytree(finished, folder)
    project_run(folder)
    assert store.steps(folder, "projection") == store.steps(folder, "frames")
    header, blocks = frames.decode(store.frame_path(folder, "projection", 8).read_bytes())
    assert header["kind"] == "projection" and header["values"]["test/accuracy"] >= 0
    assert blocks["xy/umap"].shape == blocks["xy/pca"].shape == (2, 64, 2)


@pytest.mark.parametrize("kind", ["dead", "collapsed"])
def test_degenerate_embeddings_are_drawn(kind: str) -> None:
    z = np.zeros((2, 60, 8), np.float16) if kind == "dead" else np.ones((2, 60, 8), np.float16)
    _, blocks = FrameProjector(list(range(10))).project(HEADER, {"z": z})
    assert np.isfinite(blocks["xy/umap"]).all()


def test_a_thumbnail_has_a_dot_for_each_class_where_the_map_has_it() -> None:
    import io

    from PIL import Image

    from core.projection.palette import palette
    from core.projection.thumb import HEIGHT, WIDTH, thumbnail

    xy = np.array([[[-30000, 0], [30000, 0]], [[0, 30000], [0, -30000]]], np.int16)
    picture = Image.open(io.BytesIO(thumbnail(xy, [0, 1])))
    assert picture.size == (WIDTH, HEIGHT)
    side = HEIGHT / 2.1 * 30000 / 32767
    for (dx, dy), label in {(-side, 0): 0, (side, 0): 1, (0, -side): 0, (0, side): 1}.items():
        red, green, blue, alpha = picture.getpixel((round(WIDTH / 2 + dx), round(HEIGHT / 2 + dy)))
        wanted = tuple(int(palette().colour(label, "both")[i : i + 2], 16) for i in (1, 3, 5))
        assert alpha > 100 and max(abs(a - b) for a, b in zip((red, green, blue), wanted, strict=True)) < 40
    assert picture.getpixel((3, 3))[3] == 0


def test_a_thumbnail_gives_each_modality_its_shape() -> None:
    import io

    from PIL import Image

    from core.projection.thumb import thumbnail

    def alone(m: int) -> np.ndarray:
        xy = np.full((8, 1, 2), -32768, np.int16)
        xy[m] = 0
        return np.asarray(Image.open(io.BytesIO(thumbnail(xy, [0]))))[..., 3]

    looks = [alone(m) for m in range(8)]
    assert all(look.any() for look in looks) and len({look.tobytes() for look in looks}) == 8


def test_a_layout_is_compared_as_soon_as_the_points_went_far() -> None:
    """Between the fixed looks, and although no figure fell: neighbours may be others."""
    live, x, other = LiveUmap(), clusters(), unit(np.random.RandomState(1).normal(size=(150, 8)))
    for _ in range(7):
        live.place(x)
    live.best = (0.0, 0.0)
    assert not live._may_jump((0.5, 0.5), x) and not live._may_jump((0.5, 0.5), unit(0.9 * x + 0.1 * other))
    assert live._may_jump((0.5, 0.5), other)


def test_a_calm_layout_is_compared_at_its_checks_and_every_twentieth_frame() -> None:
    live, x = LiveUmap(), clusters()
    live.place(x)
    live.best = (0.0, 0.0)

    def due(frames: int) -> bool:
        live.frames = frames
        return live._may_jump((0.5, 0.5), x)

    assert [frames for frames in range(1, 61) if due(frames)] == [*CHECKS, 20, 40, 60]
    live.jumps = [20, 21, 22, 23]  # as many as may be in one window
    assert not due(40)
    live.jumps = [9, 10, 22, 23]
    assert due(40)


def test_a_layout_is_compared_as_soon_as_a_figure_fell() -> None:
    live, x = LiveUmap(), clusters()
    for _ in range(7):
        live.place(x)
    live.best = (0.9, 0.8)
    fallen = [(0.9 - DROP / 2, 0.8), (0.9, 0.8 - DROP / 2), (0.9 - 2 * DROP, 0.9), (0.95, 0.8 - 2 * DROP)]
    assert [live._may_jump(figures, x) for figures in fallen] == [False, False, True, True]
