"""Few points, equal points, huge, tiny and broken ones: a picture, and figures that are what they are called."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.manifold import trustworthiness

from core.projection.honesty import halo
from core.projection.neighbours import squared_distances
from core.projection.picture import NOWHERE, FrameProjector
from core.projection.quality import quality, sample_rows, trust_and_continuity
from core.projection.thumb import thumbnail
from core.projection.umap_live import FEWEST, LiveUmap
from core.projection.unit import unit
from core.runs import frames
from tests.core.projection.test_projection import HEADER

CLOUD = np.random.RandomState(0).normal(size=(2, 60, 8)).astype(np.float32)


def picture(z: np.ndarray, times: int = 2) -> tuple[dict, dict]:
    """The last picture of a run whose embeddings stay, through the codec; a warm start included."""
    projector = FrameProjector(list(range(min(10, z.shape[1]))))
    for _ in range(times):
        picture = frames.encode(*projector.project(HEADER, {"z": frames.compact(z)}))
    return frames.decode(picture)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("width", [1, 2, 8])
@pytest.mark.parametrize("points", [1, 2, 3, 10, 15, 16, 20, 23, 30])
def test_few_points_are_a_pca_judged_by_the_neighbours_that_there_are(points: int, width: int) -> None:
    z = np.random.RandomState(points).normal(size=(1, points, width)).astype(np.float32)
    header, blocks = picture(z)
    told = header["maps"]["pca"]
    assert header["no_umap"] == "few" and set(header["maps"]) == {"pca"}
    assert np.isfinite(blocks["xy/pca"]).all() and blocks["halo"].shape == (1, points)
    if points < 3:
        assert told["trustworthiness"] is None and told["continuity"] is None
    else:
        assert told["neighbours"] == (points - 1) // 2
        assert 0 <= told["trustworthiness"] <= 1 and 0 <= told["continuity"] <= 1


@pytest.mark.parametrize("points", [3, 7, 20, 23, 30, 31, 64])
def test_trustworthiness_of_few_points_is_scikit_learns(points: int) -> None:
    x = np.random.RandomState(points).normal(size=(points, 8)).astype(np.float32)
    xy = x[:, :2].copy()
    trust, continuity = quality(x, xy)
    k = min(15, (points - 1) // 2)
    assert trust == pytest.approx(trustworthiness(x, xy, n_neighbors=k), abs=1e-6)
    assert continuity == pytest.approx(trustworthiness(xy, x, n_neighbors=k), abs=1e-6)


def test_more_neighbours_than_can_be_judged_are_refused() -> None:
    d = squared_distances(CLOUD[0, :20])
    with pytest.raises(ValueError, match="fewer than half"):
        trust_and_continuity(d, d, 10)


@pytest.mark.slow
def test_umap_itself_takes_few_points() -> None:
    x = unit(CLOUD[0])
    assert LiveUmap().place(x[: FEWEST - 1]).xy.shape == (FEWEST - 1, 2)
    assert LiveUmap().place(x[:FEWEST]).trustworthiness <= 1
    assert np.isnan(LiveUmap().place(x[:1]).trustworthiness)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("kind", ["one spot", "nearly one spot", "two spots", "zeros", "a line"])
def test_points_that_coincide(kind: str) -> None:
    spots = {
        "one spot": np.ones((2, 60, 8)),
        "nearly one spot": 1 + 1e-7 * CLOUD,
        "two spots": np.eye(2, 8)[np.arange(120).reshape(2, 60) % 2],
        "zeros": np.zeros((2, 60, 8)),
        "a line": CLOUD[:, :, :1],
    }[kind]
    _, blocks = picture(spots.astype(np.float32))
    for layout in ("xy/pca", "xy/umap"):
        places = len(np.unique(blocks[layout].reshape(-1, 2), axis=0))
        assert places == 1 if kind in ("one spot", "nearly one spot", "zeros") else places >= 2


@pytest.mark.parametrize("size", [1e5, 1e20, 1e30, 1e-20, np.array([1e30, 1e-30]).reshape(2, 1, 1)])
def test_a_picture_shows_directions_whatever_their_size(size: float) -> None:
    usual = picture(CLOUD, 1)[1]
    blocks = picture((CLOUD * np.float64(size)).astype(np.float32), 1)[1]
    for name in ("similarity", "link"):
        assert np.abs(blocks[name].astype(int) - usual[name].astype(int)).max() <= 1
    assert np.abs(blocks["xy/pca"].astype(int) - usual["xy/pca"].astype(int)).max() < 33  # a thousandth of the map


def test_what_is_finite_is_drawn_and_the_rest_counted() -> None:
    z = CLOUD.copy()
    z[0, 3, 2], z[1, 4], z[1, 5, 0] = np.nan, np.inf, -np.inf
    header, blocks = picture(z)
    lost = np.zeros((2, 60), bool)
    lost[0, 3] = lost[1, 4] = lost[1, 5] = True
    assert header["not_finite"] == 3 and set(header["maps"]) == {"pca", "umap"}
    for layout in ("xy/pca", "xy/umap"):
        assert ((blocks[layout] == NOWHERE).all(2) == lost).all()
        assert np.abs(blocks[layout][~lost].astype(int)).max() <= 32767
    assert "not_finite" not in picture(CLOUD)[0]
    here = [i for i in range(60) if i != 3]
    assert thumbnail(blocks["xy/umap"][:1], [1] * 60) == thumbnail(blocks["xy/umap"][:1, here], [1] * 59)


def test_nothing_finite_is_an_empty_picture() -> None:
    header, blocks = picture(np.full((2, 60, 8), np.nan, np.float32))
    assert header["not_finite"] == 120 and header["maps"]["pca"]["trustworthiness"] is None
    assert (blocks["xy/pca"] == NOWHERE).all()


def test_points_that_come_back_start_a_map_of_their_own() -> None:
    projector, broken = FrameProjector(list(range(10))), CLOUD.copy()
    broken[0, 0] = np.nan
    for z in (CLOUD, broken, CLOUD):
        header, blocks = projector.project(HEADER, {"z": z})
        assert header.get("not_finite", 0) == int(np.isnan(z).any(2).sum())
        assert blocks["xy/umap"].shape == (2, 60, 2)


@pytest.mark.parametrize("modalities", [1, 8])
def test_one_modality_and_eight(modalities: int) -> None:
    z = np.random.RandomState(0).normal(size=(modalities, 40, 8)).astype(np.float32)
    _, blocks = picture(z, 1)
    assert blocks["xy/umap"].shape == (modalities, 40, 2) and ("link" in blocks) == (modalities > 1)
    if modalities > 1:
        u = unit(z)
        wanted = (1 - np.einsum("nd,mnd->mn", u[0], u[1:])) * 127.5
        assert np.abs(blocks["link"] - wanted).max() <= 0.51 and len(blocks["similarity"]) == 210


def test_pale_points_are_the_same_when_looked_at_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.projection import honesty

    x, xy = unit(CLOUD.reshape(120, 8)), np.random.RandomState(1).normal(size=(120, 2)).astype(np.float32)
    whole = halo(x, xy)
    monkeypatch.setattr(honesty, "_ROWS", 7)
    assert np.array_equal(halo(x, xy), whole) and 0 < whole.sum() < 120


@pytest.mark.slow
@pytest.mark.parametrize("load", [load_breast_cancer, load_wine])
def test_the_first_map_of_other_data_is_as_good_as_umaps(load) -> None:
    import umap

    data = load().data
    x = ((data - data.mean(0)) / data.std(0)).astype(np.float32)
    theirs = umap.UMAP(random_state=0, n_jobs=1).fit_transform(x).astype(np.float32)
    rows = sample_rows(len(x))
    trust, continuity = trust_and_continuity(squared_distances(x, rows), squared_distances(theirs, rows))
    ours = LiveUmap().place(x)
    assert ours.trustworthiness > trust - 0.015 and ours.continuity > continuity - 0.015
