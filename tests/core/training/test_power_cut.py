"""A power cut loses nothing that a run said to have: what was not synced is dropped, at every point of a training.

The disk is simulated: a file is on it with the bytes that it had at its last fsync, a name of a folder as it was at the
folder's last fsync. Between two syncs a disk may also have kept any newer name without its bytes, so both are tried.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RunError
from core.runs import Runs, store
from core.training.recorder import record
from tests.conftest import small_config

Files = dict[str, bytes]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced there")


class Disk:
    """What would be there if the power went now."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bytes: dict[int, bytes] = {}  # inode -> as last synced
        self.names: dict[int, dict[str, int]] = {}  # folder's inode -> its names as last synced
        self.cuts: list[tuple[Files, Files]] = []

    def fsync(self, handle: int) -> None:
        found = os.fstat(handle)
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if path.is_dir():
            self.names[found.st_ino] = {entry.name: entry.inode() for entry in os.scandir(path)}
        else:
            self.bytes[found.st_ino] = path.read_bytes()
        self.cut()

    def cut(self) -> None:
        self.cuts.append((self.kept(self.root, ""), self.newest(self.root, "")))

    def kept(self, folder: Path, above: str) -> Files:
        """Names and bytes as synced."""
        known = self.names.get(folder.stat().st_ino, {})
        there = {entry.inode(): entry for entry in os.scandir(folder)}
        files: Files = {}
        for name, inode in known.items():
            entry = there.get(inode)
            if entry is not None and entry.is_dir():
                files |= self.kept(Path(entry.path), f"{above}{name}/")
            else:
                files[above + name] = self.bytes.get(inode, b"")
        return files

    def newest(self, folder: Path, above: str) -> Files:
        """Names as they are, bytes as synced."""
        files: Files = {}
        for entry in os.scandir(folder):
            if entry.is_dir():
                files |= self.newest(Path(entry.path), f"{above}{entry.name}/")
            else:
                files[above + entry.name] = self.bytes.get(entry.inode(), b"")
        return files


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk(tmp_path / "runs")
    real, rename = os.replace, os.rename

    def moving(move):
        def work(*names: object) -> None:
            move(*names)
            disk.cut()

        return work

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", disk.fsync)
        patch.setattr(os, "replace", moving(real))
        patch.setattr(os, "rename", moving(rename))
        yield disk


def laid_out(files: Files, root: Path) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def test_whatever_a_cut_leaves_keeps_the_promises(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.run_writer.EVERY", 0.0)
    monkeypatch.setattr("core.training.run_writer.SHARE", 0)
    config = small_config(epochs=3)
    folder, _ = Runs(disk.root).open(config)
    run = folder.name
    created = len(disk.cuts)
    list(record(folder))
    Runs(disk.root).set_label(run, name="mine")
    states = [state for cut in disk.cuts for state in cut]
    assert len(states) > 30
    finished = checkpoints = 0
    for number, files in enumerate(dict.fromkeys(map(_frozen, states))):
        place = laid_out(dict(files), tmp_path / "after") / run
        if number >= 2 * created and place.exists():
            assert store.read_table(place / "config.json")["id"] == run  # an open run is there, whole
        checkpoints += _checkpoint_is_whole(place)
        finished += _finished_is_whole(place)
    assert finished >= 1 and checkpoints >= 3
    kept, newest = disk.cuts[-1]
    for files in (kept, newest):
        assert store.read_label(laid_out(files, tmp_path / "after") / run) == {"name": "mine"}
        assert store.read_status(tmp_path / "after" / run)["status"] == "finished"


def test_a_run_that_lost_its_status_in_a_cut_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    config = small_config(epochs=6)
    runs = Runs(tmp_path)
    folder, _ = runs.open(config)
    for status in record(folder):
        if status["epoch"] >= 2 and status["status"] == "running":
            runs.stop(folder.name)
    (folder / "status.json").write_bytes(b"")
    assert runs.open(config) == (folder, "resume")
    assert [status["status"] for status in record(folder)][-1] == "finished"


def _frozen(files: Files) -> tuple[tuple[str, bytes], ...]:
    return tuple(sorted(files.items()))


def _checkpoint_is_whole(folder: Path) -> bool:
    """A checkpoint that is there loads, and all records before it are there."""
    from safetensors.torch import load

    path = folder / "checkpoint.safetensors"
    if not path.exists():
        return False
    state = load(path.read_bytes())
    records = store.read_records(folder)
    assert records and records[-1]["step"] >= int(state["step"])
    return True


def _finished_is_whole(folder: Path) -> bool:
    try:
        status = store.read_status(folder)
    except RunError:
        return False
    if status["status"] != "finished":
        return False
    assert store.read_result(folder)["metrics"] and store.read_table(folder / "config.json")
    assert store.read_records(folder)[-1]["step"] > 0
    return True
