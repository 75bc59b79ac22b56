"""The codec: what goes in comes out, and nothing malformed comes through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.runs.frames import FrameError, compact, decode, encode

BLOCKS = {
    "z": np.linspace(-2, 2, 24).astype(np.float16).reshape(2, 3, 4),
    "xy": np.arange(-5, 5, dtype=np.int16).reshape(5, 2),
    "one": np.array([7], np.uint8),
    "none": np.zeros((0, 2), np.float32),
    "many": np.array([0, 256, 65535], np.uint16),
}
GOLDEN = Path(__file__).parents[2] / "golden"  # also read by tests/js


def golden(name: str) -> bytes:
    return bytes.fromhex((GOLDEN / name).read_text(encoding="ascii"))


def test_round_trip() -> None:
    header, blocks = decode(encode({"kind": "test", "text": "数"}, BLOCKS))
    assert header["kind"] == "test" and header["text"] == "数"
    for name, array in BLOCKS.items():
        assert blocks[name].dtype == array.dtype and np.array_equal(blocks[name], array)


def test_the_bytes_are_fixed() -> None:
    """Browsers of tomorrow read replays of today."""
    data = encode({"kind": "golden"}, {"a": np.array([1, -2], np.int16)})
    assert data == golden("frame.hex") and len(data) % 8 == 0
    assert encode({"kind": "test", "text": "数"}, BLOCKS) == golden("frame_blocks.hex")


@pytest.mark.parametrize("cut", [0, 3, 7, 8, 40, -1, -8])
def test_cut_bytes_are_refused(cut: int) -> None:
    data = encode({}, {"z": BLOCKS["z"]})
    with pytest.raises(FrameError):
        decode(data[:cut])


def test_a_block_outside_the_frame_is_refused() -> None:
    data = encode({}, {"z": BLOCKS["z"]})
    with pytest.raises(FrameError):
        decode(data.replace(b'"shape": [2, 3, 4]', b'"shape": [2, 3, 9]'))
    with pytest.raises(FrameError):
        decode(data.replace(b'"float16"', b'"float99"'))


def test_what_a_browser_cannot_view_is_refused() -> None:
    with pytest.raises(ValueError, match="int64"):
        encode({}, {"z": np.arange(3)})


def directions(z: np.ndarray) -> np.ndarray:
    """Rows at length one, in double and by way of their largest entry: nothing leaves its range."""
    z = z.astype(np.float64)
    near_one = z / np.abs(z).max(-1, keepdims=True)
    return near_one / np.linalg.norm(near_one, axis=-1, keepdims=True)


CLOUD = np.random.RandomState(0).normal(size=(2, 50, 16)).astype(np.float32)


def test_ordinary_embeddings_keep_the_bytes_they_had() -> None:
    for z in (CLOUD, 60 * CLOUD, 0.01 * CLOUD, 0 * CLOUD, CLOUD * (np.arange(50) % 2)[:, None]):
        kept = compact(z)
        assert kept.dtype == np.float16 and np.array_equal(kept, z.astype(np.float16))


@pytest.mark.parametrize(
    "size",
    [1e5, 1e20, 1e30, 5e37, 1e-6, 1e-20, 1e-37, np.array([1e30, 1e-30]), np.geomspace(1e-30, 1e30, 50)],
    ids=["1e5", "1e20", "1e30", "5e37", "1e-6", "1e-20", "1e-37", "mixed modalities", "mixed rows"],
)
def test_embeddings_of_any_size_keep_their_directions(size: float | np.ndarray) -> None:
    scale = size if isinstance(size, float) else size.reshape((2, 1, 1) if len(size) == 2 else (50, 1))
    z = (CLOUD.astype(np.float64) * scale).astype(np.float32)
    _, blocks = decode(encode({}, {"z": compact(z)}))
    assert np.isfinite(blocks["z"]).all()
    assert np.abs(directions(blocks["z"]) - directions(CLOUD)).max() < 1e-6


def test_a_narrow_cloud_is_no_lattice() -> None:
    """Half precision at 100 has steps of 1/16: a cloud of 1/100 around it would be one point."""
    z = 100 + 0.01 * CLOUD
    kept = compact(z)
    assert len(np.unique(kept.astype(np.float32)[0, :, 0])) == 50
    assert compact(100 + 0 * CLOUD).dtype == np.float16


def test_what_is_not_finite_stays_so_and_spoils_nothing_else() -> None:
    z = CLOUD.copy()
    z[0, 3, 2], z[1, 4] = np.nan, np.inf
    kept = compact(z)
    assert kept.dtype == np.float16
    assert [tuple(row) for row in np.argwhere(~np.isfinite(kept).all(2))] == [(0, 3), (1, 4)]
    assert not np.isfinite(compact(z * np.float32(1e20))[1, 4]).any()
