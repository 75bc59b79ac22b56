"""The band over seeds, held against golden points that the browser's side is held against as well (tests/js/bands.test.js)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.compare.bands import band

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "bands.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("key", GOLDEN["points"])
def test_the_golden_bands(key: str) -> None:
    assert band(GOLDEN["runs"], key) == GOLDEN["points"][key]


def test_points_are_in_the_order_of_epochs() -> None:
    records = [{"epoch": epoch, "loss": epoch} for epoch in (2.0, 0.5, 1.0)]
    assert [point["epoch"] for point in band([records, records[::-1]], "loss")] == [0.5, 1.0, 2.0]
