"""Series come back from their levels, on one scale per channel; long ones lose no peak."""

from __future__ import annotations

import numpy as np
import pytest

from core.renderers import Files, Series
from core.renderers.thin import POINTS


def read(files: Files, entry: dict, i: int) -> np.ndarray:
    start, end = entry["offsets"][i : i + 2]
    low, high = np.array(entry["range"]).T[:, :, None]
    levels = np.frombuffer((files.folder / entry["file"]).read_bytes(), "<u2").astype(float)
    part = levels[start * len(low) : end * len(low)].reshape(len(low), -1)
    return low + part / 65535 * (high - low)


def test_short_series_of_unequal_lengths_come_back(files: Files) -> None:
    rng = np.random.default_rng(0)
    raw = [rng.normal(size=(3, length)) * [[1], [100], [0]] for length in (20, 5, 31)]
    entry = Series.write([Series(x, 50.0) for x in raw], files)
    assert entry["rate"] == 50.0 and entry["range"][2] == [0.0, 0.0]
    for i, x in enumerate(raw):
        assert read(files, entry, i) == pytest.approx(x, abs=0.005)


def test_a_long_series_keeps_its_peak_and_its_seconds(files: Files) -> None:
    raw = np.zeros((1, 10_001))
    raw[0, 7000] = 5.0
    entry = Series.write([Series(raw, 1000.0)], files)
    drawn = read(files, entry, 0)
    assert drawn.shape[1] <= POINTS and drawn.max() == pytest.approx(5.0)
    assert drawn.shape[1] / entry["rate"] == pytest.approx(10, rel=0.01)
    assert drawn.argmax() / entry["rate"] == pytest.approx(7, abs=0.1)
