"""The codec: what goes in comes out, and nothing malformed comes through."""

from __future__ import annotations

import numpy as np
import pytest

from core.frames import FrameError, decode, encode

BLOCKS = {
    "z": np.linspace(-2, 2, 24).astype(np.float16).reshape(2, 3, 4),
    "xy": np.arange(-5, 5, dtype=np.int16).reshape(5, 2),
    "one": np.array([7], np.uint8),
    "none": np.zeros((0, 2), np.float32),
}
GOLDEN = bytes.fromhex(
    "46555331680000007b226b696e64223a2022676f6c64656e222c2022626c6f636b73223a205b7b226e616d65223a20226122"
    "2c20226474797065223a2022696e743136222c20227368617065223a205b325d2c20226f6666736574223a20302c20226279"
    "746573223a20347d5d7d20200100feff00000000"
)


def test_round_trip() -> None:
    header, blocks = decode(encode({"kind": "test", "text": "数"}, BLOCKS))
    assert header["kind"] == "test" and header["text"] == "数"
    for name, array in BLOCKS.items():
        assert blocks[name].dtype == array.dtype and np.array_equal(blocks[name], array)


def test_the_bytes_are_fixed() -> None:
    """Browsers of tomorrow read replays of today."""
    data = encode({"kind": "golden"}, {"a": np.array([1, -2], np.int16)})
    assert data == GOLDEN and len(data) % 8 == 0


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
