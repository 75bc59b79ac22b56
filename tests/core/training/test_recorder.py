"""What a run leaves behind, and that nothing finished is ever lost."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import catalog
from core.runs import Runs, frames, store
from core.training.recorder import record
from tests.conftest import small_config


def curves(folder: Path) -> list[dict[str, float]]:
    """The records without the only thing that two equal runs differ in."""
    return [{k: v for k, v in r.items() if k != "seconds"} for r in store.read_records(folder)]


def test_a_finished_run_is_complete(finished: Path) -> None:
    assert store.read_status(finished)["status"] == "finished"
    result = store.read_json(finished / "result.json")
    assert set(result["missing"]) == set(result["noise"]) == {"x1", "x2"}
    assert [row[0] for row in result["missing"]["x1"]] == list(range(0, 101, 10))
    assert result["missing"]["x1"][0][1] == result["noise"]["x1"][0][1] == result["metrics"]["test/accuracy"]
    assert result["parameters"] > 0
    assert store.steps(finished, "frames") == [0, 4, 8]
    header, blocks = frames.decode(store.frame_path(finished, "frames", 8).read_bytes())
    assert header["epoch"] == 2 and blocks["z"].shape == (2, 64, 16)
    probe = store.read_json(finished / "probe.json")
    assert len(probe["labels"]) == 64 and len(probe["matrix"]) <= 128
    labels = [probe["labels"][i] for i in probe["matrix"]]
    assert labels == sorted(labels)


def test_frames_do_not_repeat_another_seed(finished: Path, tmp_path: Path, train_to_end) -> None:
    other = train_to_end(small_config(objective="classification+infonce", seed=11), tmp_path)
    ours = {p.read_bytes() for p in (finished / "frames").iterdir()}
    assert not ours & {p.read_bytes() for p in (other / "frames").iterdir()}


def test_asked_again_it_is_there(finished: Path) -> None:
    runs = Runs(finished.parent)
    config = small_config(objective="classification+infonce")
    assert runs.open(config) == (finished, "reuse")


def test_stop_and_go_on_is_bit_equal(tmp_path: Path, train_to_end) -> None:
    config = small_config(epochs=6, objective="classification+infonce")
    whole = train_to_end(config, tmp_path / "whole")
    runs = Runs(tmp_path / "parts")
    folder, _ = runs.open(config)
    for status in record(folder):
        if status["epoch"] >= 2 and status["status"] == "running":
            runs.stop(folder.name)
    assert store.read_status(folder)["status"] == "stopped" and not (folder / "result.json").exists()
    assert runs.open(config) == (folder, "resume")
    list(record(folder))
    assert curves(folder) == curves(whole)
    assert store.read_json(folder / "result.json")["metrics"] == store.read_json(whole / "result.json")["metrics"]


KILLED = [pytest.param(n, marks=() if n == "none" else pytest.mark.slow) for n in catalog.names("strategies")]


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems")
@pytest.mark.parametrize("strategy", KILLED)
def test_killed_at_40_percent_and_resumed_is_bit_equal(strategy: str, tmp_path: Path, train_to_end) -> None:
    """tests/core/balancing/test_promises.py stops and resumes every strategy without a signal, which is quicker."""
    config = small_config(epochs=20, data__train_size=2048, objective="classification+infonce", strategy=strategy)
    whole = train_to_end(config, tmp_path / "whole")
    runs = Runs(tmp_path / "parts")
    folder, _ = runs.open(config)
    script = "import sys; from pathlib import Path; from core.training.recorder import record; list(record(Path(sys.argv[1])))"
    child = subprocess.Popen([sys.executable, "-c", script, str(folder)])
    while store.read_json(folder / "status.json").get("progress", 0) < 0.4:
        assert child.poll() is None
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert store.read_status(folder)["status"] == "stopped"
    assert runs.open(config)[1] == "resume"
    list(record(folder))
    assert curves(folder) == curves(whole)
    assert store.steps(folder, "frames") == store.steps(whole, "frames")


def test_a_failed_run_says_why_and_starts_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(tmp_path)
    config = small_config()
    folder, _ = runs.open(config)
    monkeypatch.setattr(
        "core.training.recorder.train", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("a fuse blew"))
    )
    assert list(record(folder))[-1]["status"] == "failed"
    assert "a fuse blew" in store.read_status(folder)["message"] and (folder / "log.txt").exists()
    assert runs.open(config)[1] == "new"


def test_a_corrupt_checkpoint_fails_with_a_sentence(tmp_path: Path, finished: Path) -> None:
    folder = tmp_path / finished.name
    shutil.copytree(finished, folder)
    (folder / "result.json").unlink()
    (folder / "checkpoint.safetensors").write_bytes(b"\x00" * 40)
    status = list(record(folder))[-1]
    assert status["status"] == "failed" and "checkpoint.safetensors" in status["message"]


@pytest.mark.parametrize("victim", ["result.json", "checkpoint.safetensors", "sprites"])
def test_a_full_disk_stops_a_run_that_then_goes_on(
    victim: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        if victim in path.name:
            raise OSError(errno.ENOSPC, "no space left")

    replace = os.replace
    config = small_config(seed=31, data__test_size=72)
    whole, _ = Runs(tmp_path / "whole").open(config)
    assert [status["status"] for status in record(whole)][-1] == "finished"
    folder, _ = Runs(tmp_path / "tight").open(config)
    with monkeypatch.context() as tight:
        if victim == "sprites":
            tight.setattr("core.data.samples._fill", lambda place, task: full(place / victim))
        tight.setattr(store, "_replace", lambda source, target: (full(target), replace(source, target)))
        *_, status = record(folder)
    assert status["status"] == "stopped" and status["error"] == "disk_full" and "disk" in status["message"]
    assert not list(tmp_path.rglob("*.tmp"))
    again, action = Runs(tmp_path / "tight").open(config)
    assert action == "resume"
    *_, status = record(again)
    assert status["status"] == "finished" and not status["message"]
    assert store.read_result(again)["metrics"] == store.read_result(whole)["metrics"]
