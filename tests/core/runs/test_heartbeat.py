"""A run's sign of life: what a reader goes by where the lock proves nothing."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from core.runs import heartbeat, store
from core.runs.heartbeat import MARGIN, PERIOD, beat, is_alive_elsewhere
from core.runs.types import RunState, Status
from core.schema import conforms
from core.training import heartbeat as thread
from core.training.run_writer import RunWriter


@pytest.mark.parametrize(
    ("host", "age", "state"),
    [
        ("elsewhere", 0.0, "running"),
        ("elsewhere", MARGIN * PERIOD - 5, "running"),
        ("elsewhere", MARGIN * PERIOD + 5, "stopped"),
        ("elsewhere", -MARGIN * PERIOD - 5, "stopped"),
        (heartbeat.host(), 0.0, "stopped"),
    ],
)
def test_a_free_lock_is_proof_on_the_writers_machine_alone(
    finished: Path, tmp_path: Path, host: str, age: float, state: str
) -> None:
    folder = tmp_path / finished.name
    shutil.copytree(finished, folder)
    sign = {**beat(), "host": host, "at": time.time() - age}
    store.write_json(folder / "status.json", {"status": "running", "heartbeat": sign})
    status = store.read_status(folder)
    assert status["status"] == state and "heartbeat" not in status, "a machine's name is not for the page"
    assert store.is_written(folder) is (state == "running")


def test_a_status_without_a_sign_is_of_a_version_before() -> None:
    assert not is_alive_elsewhere({"status": "running"})


def test_the_sign_is_renewed_while_training_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "PERIOD", 0.01)
    files = RunWriter(tmp_path)
    with thread.HeartbeatThread(files):
        files.status(Status(status=RunState.RUNNING, step=3))
        first = store.stored_status(tmp_path)["heartbeat"]["at"]
        begun = time.monotonic()
        while store.stored_status(tmp_path)["heartbeat"]["at"] == first:
            assert time.monotonic() - begun < 60
            time.sleep(0.005)
        files.status(Status(status=RunState.FINISHED, step=4))
    last = store.stored_status(tmp_path)
    time.sleep(0.05)
    assert store.stored_status(tmp_path) == last and conforms(last, Status), "who has ended gives no sign"
