"""What a list says of a run: the newest of each metric without reading all records, and when it was made."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from core.runs.summary import SKEW, TAIL, created, last_metrics

RECORD = {"step": 1, "epoch": 0.5, "seconds": 0.1}


def write(folder: Path, records: list[dict[str, float]], end: str = "\n") -> None:
    (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, records)) + end, encoding="utf-8")


def test_metrics_are_the_newest_of_each(tmp_path: Path) -> None:
    """From the first record on; one that is being written does not count, nor do those of training."""
    write(tmp_path, [RECORD | {"test/a": 0.1, "test/b": 0.5}, RECORD | {"test/a": 0.2}, RECORD | {"train/loss": 9.0}])
    assert last_metrics(tmp_path) == {"test/a": 0.2, "test/b": 0.5}
    write(tmp_path, [RECORD | {"test/a": 0.1}, RECORD | {"test/a": 0.3}], end="")
    assert last_metrics(tmp_path) == {"test/a": 0.1}
    assert last_metrics(tmp_path / "nowhere") == {}


@pytest.mark.parametrize("shift", range(-2, 3))
def test_the_end_of_long_records_is_read_without_its_first_half_of_a_line(tmp_path: Path, shift: int) -> None:
    """Wherever the reading begins, inside of a record or at the end of one."""
    early, late = RECORD | {"test/early": 1.0}, RECORD | {"test/late": 0.25}
    room = TAIL + shift - len(json.dumps(late)) - 2
    write(tmp_path, [early, {"note": "x" * (room - len(json.dumps({"note": ""})))}, late])
    assert (tmp_path / "metrics.jsonl").stat().st_size == TAIL + shift + len(json.dumps(early)) + 1
    assert last_metrics(tmp_path) == {"test/late": 0.25}


def test_records_that_fill_the_tail_are_read_from_the_first(tmp_path: Path) -> None:
    early, late = RECORD | {"test/early": 1.0}, RECORD | {"test/late": 0.25}
    room = TAIL - len(json.dumps(early)) - len(json.dumps(late)) - 3
    write(tmp_path, [early, {"note": "x" * (room - len(json.dumps({"note": ""})))}, late])
    assert (tmp_path / "metrics.jsonl").stat().st_size == TAIL
    assert last_metrics(tmp_path) == {"test/early": 1.0, "test/late": 0.25}


def test_a_run_was_made_when_it_says_unless_that_cannot_be() -> None:
    now = time.time()
    for stamp, expected in ((5.0, 5.0), (0, 0.0), (now, now), (now + SKEW / 2, now + SKEW / 2)):
        assert created({"created": stamp}, 77.0) == expected
    for stamp in (now + SKEW + 60, -1, "5", None, True, float("nan"), float("inf")):
        assert created({"created": stamp}, 77.0) == 77.0
