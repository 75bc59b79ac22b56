"""Blocks that the projector does not know pass through it; old frames still open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.projection.picture import FrameProjector
from core.runs import frames, store

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "runs_of_0_1_0" / "root"
HEADER = {"step": 3, "epoch": 1.0, "epochs": 2, "values": {}, "diagnostics": {}}


def test_the_embedding_is_projected_and_the_rest_passes_as_it_is() -> None:
    z = np.random.RandomState(0).normal(size=(2, 20, 8)).astype(np.float16)
    image = np.random.RandomState(1).normal(size=(5, 4, 4)).astype(np.float16)
    roles = {"inside": "embedding", "reconstruction/image": "reconstruction", "uncertainty": "uncertainty"}
    blocks = {"inside": z, "reconstruction/image": image, "uncertainty": np.zeros(20, np.uint8)}
    projector = FrameProjector(list(range(4)), with_umap=False)
    header, made = frames.decode(frames.encode(*projector.project({**HEADER, "roles": roles}, blocks)))
    assert header["roles"] == {name: role for name, role in roles.items() if role != "embedding"}
    assert np.array_equal(made["reconstruction/image"], image) and "inside" not in made
    assert made["xy/pca"].shape == (2, 20, 2)


def test_a_frame_without_roles_is_one_of_before() -> None:
    folder = next(path for path in sorted(FIXTURE.iterdir()) if store.steps(path, "frames"))
    step = store.steps(folder, "frames")[-1]
    header, blocks = frames.decode(store.read_file(store.frame_path(folder, "frames", step)))
    assert "roles" not in header
    _, then = frames.decode(store.read_file(store.frame_path(folder, "projection", step)))
    _, now = FrameProjector(store.read_probe(folder)["matrix"], with_umap=False).project(header, blocks)
    assert np.array_equal(now["prediction"], then["prediction"]) and np.array_equal(now["link"], then["link"])


@pytest.mark.parametrize("roles", [{"z": "picture"}, [], {}])
def test_a_frame_without_an_embedding_is_refused(roles: object) -> None:
    with pytest.raises(frames.FrameError):
        FrameProjector([0]).project({**HEADER, "roles": roles}, {"z": np.zeros((1, 4, 2), np.float16)})
