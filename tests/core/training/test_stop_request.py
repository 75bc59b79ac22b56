"""A request to stop: when it is obeyed, and what is no request."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.runs import Runs, store
from core.training.recorder import record
from core.training.stop_request import forget_stop, stop_file_exists
from tests.conftest import small_config


@pytest.mark.parametrize(("asked", "ends"), [("before", "finished"), ("after", "stopped")])
def test_a_wish_to_stop_counts_from_when_the_run_was_queued(tmp_path: Path, asked: str, ends: str) -> None:
    """A worker that has just got the run must not forget what was pressed a moment ago, nor obey what is old."""
    folder, _ = Runs(tmp_path).open(small_config(epochs=3))
    status, stop = folder / "status.json", folder / "stop"
    store.write_json(status, {**store.read_table(status), "status": "queued"})
    stop.touch()
    moment = status.stat().st_mtime_ns + (10**9 if asked == "after" else -(10**9))
    os.utime(stop, ns=(moment, moment))
    assert list(record(folder))[-1]["status"] == ends
    assert not stop.exists()


def test_a_folder_of_that_name_is_no_request(tmp_path: Path) -> None:
    assert not stop_file_exists(tmp_path)
    (tmp_path / "stop").mkdir()
    assert not stop_file_exists(tmp_path)
    forget_stop(tmp_path)
    assert (tmp_path / "stop").is_dir()
    (tmp_path / "stop").rmdir()
    (tmp_path / "stop").touch()
    assert stop_file_exists(tmp_path)
