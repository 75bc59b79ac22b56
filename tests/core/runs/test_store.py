"""Run folders tell the truth, whatever happened to their writers."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import ConfigError, RunError
from core.runs import Runs, group_id, run_id, store
from tests.conftest import small_config


@pytest.mark.parametrize(
    "name", ["../../etc", "0123456789ab/..", "", "0123456789AB", "replay-../x", "replay-", None, 7]
)
def test_a_run_is_never_a_path(name: object, tmp_path: Path) -> None:
    assert not store.is_run_id(name)
    with pytest.raises(RunError):
        Runs(tmp_path).folder(name)  # type: ignore[arg-type]


def test_the_id_is_what_the_run_is() -> None:
    config = small_config()
    assert run_id(config) == run_id(small_config()) and store.is_run_id(run_id(config))
    others = [small_config(seed=1), small_config("gated"), small_config(data__dim=8), small_config(epochs=3)]
    assert len({run_id(c) for c in [config, *others]}) == 5
    assert group_id(config) == group_id(small_config(seed=1)) != group_id(small_config("gated"))


def test_a_half_written_record_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1}\n{"step": 2}\n{"ste')
    assert [r["step"] for r in store.read_records(tmp_path)] == [1, 2]


def test_running_without_a_writer_is_stopped(tmp_path: Path) -> None:
    store.write_json(tmp_path / "status.json", {"status": "running", "step": 7})
    assert store.read_status(tmp_path)["status"] == "stopped"
    with store.writing(tmp_path):
        assert store.read_status(tmp_path)["status"] == "running"


def test_a_killed_writer_frees_its_run(tmp_path: Path) -> None:
    store.write_json(tmp_path / "status.json", {"status": "running", "step": 7})
    script = (
        "import sys, time; from pathlib import Path; from core.runs import store\n"
        "with store.writing(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "held\n"
    assert store.read_status(tmp_path)["status"] == "running"
    child.kill()
    child.wait()
    child.stdout.close()
    begun = time.monotonic()
    while store.read_status(tmp_path)["status"] != "stopped":
        assert time.monotonic() - begun < 60
        time.sleep(0.02)


def test_two_writers_are_one_too_many(tmp_path: Path) -> None:
    with store.writing(tmp_path), pytest.raises(RunError, match="another process"), store.writing(tmp_path):
        pass


def test_queued_without_a_server_is_stopped(tmp_path: Path) -> None:
    run = tmp_path / "0123456789ab"
    store.write_json(run / "status.json", {"status": "queued"})
    assert store.read_status(run)["status"] == "stopped"


@pytest.mark.parametrize("damage", ["", "{", '{"status": "dancing"}', "[]", "\x00\x01"])
def test_a_corrupt_folder_is_listed_with_its_problem(damage: str, finished: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(finished, tmp_path / finished.name)
    (tmp_path / finished.name / "status.json").write_text(damage)
    (tmp_path / "ffffffffffff").mkdir()
    summaries = Runs(tmp_path).summaries()
    assert len(summaries) == 2 and all(item.problem is not None for item in summaries)
    for item in summaries:
        Runs(tmp_path).delete(item.run)
    assert Runs(tmp_path).summaries() == []


def test_a_full_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "no space")

    store.write_json(tmp_path / "a.json", 1)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RunError, match="disk"):
        store.write_json(tmp_path / "a.json", 2)
    assert json.loads((tmp_path / "a.json").read_text()) == 1


@pytest.mark.skipif(os.name == "nt", reason="folders have no write bit on Windows")
def test_an_unwritable_runs_folder_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(RunError, match="--runs"):
        Runs(blocked / "runs")


def test_the_oldest_unstarred_runs_go_first(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    folders = []
    for seed in range(3):
        folder, action = runs.open(small_config(seed=seed))
        assert action == "new"
        config = store.read_json(folder / "config.json")
        store.write_json(folder / "config.json", {**config, "created": float(seed)})
        folders.append(folder.name)
    runs.set_label(folders[0], star=True)
    assert runs.to_clear(cap_mb=0)[0] == folders[1] and folders[0] not in runs.to_clear(cap_mb=0)
    assert runs.to_clear(cap_mb=100) == []


def test_room_is_made_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(tmp_path)
    folders = [runs.open(small_config(seed=seed))[0] for seed in range(4)]
    for age, folder in enumerate(folders):
        config = store.read_json(folder / "config.json")
        store.write_json(folder / "config.json", {**config, "created": float(age)})
        (folder / "ballast").write_bytes(bytes(300_000))
    runs.set_label(folders[0].name, star=True)
    monkeypatch.setenv("FUSIONARIUM_DISK_MB", "2")
    runs.check_room()
    assert runs.make_room() == []
    monkeypatch.setenv("FUSIONARIUM_DISK_MB", "1.1")
    with pytest.raises(RunError, match="1 oldest unstarred"):
        runs.check_room()
    assert all(folder.exists() for folder in folders)
    kept = folders[1].name
    assert runs.make_room(keep={kept}) == [folders[2].name]
    assert [folder.exists() for folder in folders] == [True, True, False, True]
    runs.check_room()
    monkeypatch.setenv("FUSIONARIUM_DISK_MB", "0.1")
    for folder in folders[1::2]:
        runs.set_label(folder.name, star=True)
    with pytest.raises(RunError, match="all are starred"):
        runs.check_room()
    monkeypatch.setenv("FUSIONARIUM_DISK_MB", "much")
    with pytest.raises(ConfigError, match="FUSIONARIUM_DISK_MB"):
        runs.check_room()
