"""How a run ends that cannot go on: its folder is taken away, its disk is full, a crash left halves behind."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

import pytest

from core.__main__ import main
from core.errors import RunError
from core.runs import Runs, store
from core.training.recorder import record
from tests.conftest import small_config


def taken(folder: Path) -> None:
    shutil.rmtree(folder)


def moved(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def replaced(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.skipif(os.name == "nt", reason="an open folder cannot be taken away there")
@pytest.mark.parametrize("away", [taken, moved, replaced])
def test_a_run_whose_folder_is_taken_away_ends_and_does_not_make_it_anew(away, tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    folder, _ = runs.open(small_config(epochs=40))
    statuses = []
    for status in record(folder):
        statuses.append(status)
        if len(statuses) == 3:
            away(folder)
            kept = sorted(path.name for path in tmp_path.rglob("*"))
    assert statuses[-1]["status"] == "stopped" and statuses[-1]["error"] == "run_gone" and len(statuses) < 12
    assert "no longer there" in statuses[-1]["message"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == kept
    assert folder.exists() == (away is replaced)


def test_after_a_full_disk_the_list_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """From some point on no new file can be written at all, the last status neither."""
    runs = Runs(tmp_path)
    folder, _ = runs.open(small_config(epochs=6))
    full = False

    def write(self: Path, data: bytes) -> int:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, data)

    real = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", write)
    statuses = []
    for status in record(folder):
        statuses.append(status)
        full = len(statuses) >= 3
    monkeypatch.undo()
    assert status["status"] == "stopped" and status["error"] == "disk_full" and "unwritten" not in status
    assert store.read_status(folder)["error"] == "disk_full"
    assert main(["runs", "--runs", str(tmp_path)]) == 0
    assert f"The disk of {folder}" in capsys.readouterr().out
    assert runs.open(small_config(epochs=6))[1] == "resume"
    assert [status["status"] for status in record(folder)][-1] == "finished"


def test_a_disk_with_no_room_left_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1_500_000})())
    assert main(["runs", "--runs", str(tmp_path)]) == 0
    assert "is full (1.5 MB free)" in capsys.readouterr().out


@pytest.fixture
def littered(finished: Path, tmp_path: Path) -> tuple[Path, set[Path], set[Path]]:
    """A runs folder, what of it is litter, and what must stay."""
    run = tmp_path / finished.name
    shutil.copytree(finished, run)
    (tmp_path / "samples").mkdir()
    (tmp_path / "comparisons" / "0123456789ab").mkdir(parents=True)
    long_ago = time.time_ns() - 3600 * 10**9
    litter = {
        tmp_path / ".0123456789ab.17000000000000.tmp",
        tmp_path / ".writable-1700000000000000000",
        run / ".status.json.4711.tmp",
        run / "frames" / ".000008.bin.4711-140000-3.tmp",
        tmp_path / "comparisons" / "0123456789ab" / ".table.json.12-34-5.tmp",
    }
    folders = {
        tmp_path / f".0123456789ab.{long_ago}.deleted",
        tmp_path / ".0123456789ab.1-2-3.new",
        tmp_path / "samples" / ".0123456789ab.x7_ab9kq",
    }
    young = {run / ".result.json.1-2-3.tmp", tmp_path / f".0123456789ab.{time.time_ns()}.deleted"}
    mine = {tmp_path / ".notes.tmp", tmp_path / ".git", tmp_path / ".0123456789ab.backup", run / "config.json"}
    for path in (*litter, *mine, *young):
        path.touch() if path.suffix != ".deleted" else path.mkdir()
    for path in folders:
        (path / "frames").mkdir(parents=True)
        (path / "frames" / "000000.bin").write_bytes(bytes(200_000))
    for path in (*litter, *folders, *mine):
        os.utime(path, (time.time() - 3600,) * 2)
    return tmp_path, litter | folders, mine | young


def test_what_crashes_left_is_counted_and_swept(littered, capsys) -> None:
    root, litter, kept = littered
    runs = Runs(root)
    assert runs.leftover_mb() == pytest.approx(0.6)
    for command in (["runs"], ["doctor"]):
        assert main([*command, "--runs", str(root)]) == 0
        assert "0.6 MB" in capsys.readouterr().out
    with store.writing(next(path.parent for path in kept if path.name == "config.json")):
        assert runs.sweep() == pytest.approx(0.6)
        busy = {path for path in litter if path.exists()}
        assert {path.name for path in busy} == {".status.json.4711.tmp", ".000008.bin.4711-140000-3.tmp"}
    runs.sweep()
    assert not any(path.exists() for path in litter) and all(path.exists() for path in kept)
    assert runs.leftover_mb() == 0


@pytest.mark.skipif(os.name == "nt", reason="links as POSIX has them")
def test_a_run_that_is_a_link_is_deleted_alone(finished: Path, tmp_path: Path) -> None:
    root, away = tmp_path / "runs", tmp_path / "away"
    shutil.copytree(finished, away)
    root.mkdir()
    (root / "0123456789ab").symlink_to(away)
    runs = Runs(root)
    (item,) = runs.summaries()
    assert item.problem and "link" in str(item.problem)
    runs.delete(item.run)
    assert runs.summaries() == [] and (away / "config.json").exists() and os.listdir(root) == []


def test_two_servers_that_make_one_run_make_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, config = Runs(tmp_path), small_config()
    real, made = os.rename, []

    def rename(source: Path, target: Path) -> None:
        if not made:
            made.append(target)
            assert runs.open(config)[1] == "new"  # somebody else is quicker
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    folder, action = runs.open(config)
    assert action == "join"
    assert os.listdir(tmp_path) == [folder.name] and Runs(tmp_path).summaries()[0].problem is None


@pytest.mark.skipif(os.name == "nt", reason="links as POSIX has them")
@pytest.mark.parametrize("kind", ["frames", "projection"])
def test_pictures_never_follow_a_link_out_of_the_run(kind: str, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (away / "000004.bin").write_bytes(b"somebody's")
    runs = Runs(tmp_path / "runs")
    folder, _ = runs.open(small_config())
    (folder / kind).symlink_to(away)
    with pytest.raises(RunError, match="link"):
        store.write_atomic(store.frame_path(folder, kind, 4), b"ours", make=False)
    assert [status["status"] for status in record(folder)][-1] == "finished"
    assert os.listdir(away) == ["000004.bin"] and (away / "000004.bin").read_bytes() == b"somebody's"
    assert kind == "projection" or store.is_own_folder(folder / kind)


def test_a_full_disk_can_still_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    runs = Runs(tmp_path)
    folder, _ = runs.open(small_config())

    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["runs", "--runs", str(tmp_path)]) == 0
    assert folder.name in capsys.readouterr().out
    with pytest.raises(RunError, match=f"The disk of {tmp_path} is full"):
        runs.open(small_config(seed=5))
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".new"]
