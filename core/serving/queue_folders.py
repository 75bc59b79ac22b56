"""What a server's queue writes into run folders, and reads out of them. All of it may wait for a disk, so none of it is
called under a lock that the event loop or a page wants.

Each server holds a lock of its own on the runs folder (`executor-<id>.lock`), and a run that waits names its server: it
waits as long as that server lives, whatever others come and go.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.config import RunConfig
from core.errors import FusionariumError, RunError
from core.runs import Runs, group_id, read_config, store
from core.serving.job_queue import QueuedRun
from core.serving.run_times import kin

MOST_READ = 2000  # finished runs that are read for how long they took, the newest first
BREATH = 20  # folders between two pauses of a long reading
LOCK_NAME = re.compile(r"executor-[0-9a-f]{8}\.lock")


class QueueFolders:
    """The side of the queue that lies on disk."""

    def __init__(self, runs: Runs) -> None:
        self.runs, self.root = runs, runs.root
        self.server = secrets.token_hex(4)
        self._lock = FileLock(store.server_lock(self.root, self.server))

    def hold(self) -> None:
        """From now on what we mark as waiting waits. RunError where the folder cannot be written."""
        try:
            self._lock.acquire(timeout=5)  # another server may just be looking whether it is a dead one's
        except (OSError, Timeout) as error:
            raise RunError("unwritable_runs", path=self.root, reason=str(error)) from error

    def release(self) -> None:
        """What we marked no longer waits."""
        with suppress(OSError):
            os.unlink(self._lock.lock_file)
        self._lock.release()
        with suppress(OSError):  # where a held file cannot be deleted
            os.unlink(self._lock.lock_file)

    def open(self, config: RunConfig, again: bool = False, waits: bool = False) -> tuple[QueuedRun, str]:
        """The run of this config, marked as waiting where it is to be trained, and what `Runs.open` says of it.

        `waits`: whether it is in our line. One that says so and is not (it could not be marked otherwise) goes on.
        """
        folder, action = self.runs.open(config, again)
        if action == "join" and not waits and self._stranded(folder):
            action = "resume"
        if action in ("new", "resume"):
            self.mark(folder.name, "queued", server=self.server)
        return self._job(folder, config, action), action

    def mark(self, run: str, status: str, **more: Any) -> None:
        """Write a state into a run that nobody trains."""
        path = self.root / run / "status.json"
        fresh: dict[str, Any] = {
            "status": status,
            "seconds_left": None,
            "message": "",
            "error": None,
            "values": {},
            "server": None,
        }
        store.write_json(path, {**store.read_table(path), **fresh, **more}, make=False)

    def write_reason(self, run: str, error: RunError) -> None:
        """A run that waited, or was trained, no longer is: why. Nothing is said of one that ended or went on otherwise."""
        with suppress(FusionariumError, OSError), store.writing(self.root / run):
            status = store.read_table(self.root / run / "status.json")
            ours = status.get("status") == "queued" and status.get("server") == self.server
            if ours or status.get("status") == "running":
                values = {name: str(value) for name, value in error.values.items()}
                self.mark(run, "stopped", message=str(error), error=error.key, values=values)

    def sweep(self) -> None:
        """What servers that are gone left: their locks, and runs that still say that they wait for them."""
        for path in self.root.glob("executor-*.lock"):
            if LOCK_NAME.fullmatch(path.name) and path != Path(self._lock.lock_file):
                _remove_free(path)
        for folder in self._folders():
            with suppress(FusionariumError, OSError):
                status = store.read_table(folder / "status.json")
                if status.get("status") == "queued" and store.read_status(folder)["status"] == "stopped":
                    self.mark(folder.name, "stopped")

    def histories(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """(config, status) of runs that are there, the newest last; what cannot be read is left out."""
        found = sorted(self._folders(), key=_age)[:MOST_READ]
        for folder in reversed(found):
            if (history := self.history(folder.name)) is not None:
                yield history

    def history(self, run: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """(config, status) of a run, None where they cannot be read."""
        folder = self.root / run
        with suppress(FusionariumError, OSError):
            return store.read_table(folder / "config.json"), store.read_table(folder / "status.json")
        return None

    def seconds_left(self, run: str) -> float | None:
        """What a run in training tells of itself."""
        with suppress(FusionariumError, OSError):
            left: Any = store.read_table(self.root / run / "status.json").get("seconds_left")
            return float(left) if store.is_number(left) else None
        return None

    def group(self, run: str) -> str | None:
        """What a run shares with its other seeds."""
        with suppress(FusionariumError, OSError):
            return group_id(read_config(self.root / run))
        return None

    def lacks_pictures(self, run: str) -> bool:
        """Whether it has snapshots that are not on a picture."""
        folder = self.root / run
        return store.steps(folder, "frames") != store.steps(folder, "projection")

    def finished(self, run: str) -> bool:
        """A quick look, right for every run of ours: whether it has a result."""
        return store.is_own_file(self.root / run / "result.json")

    def _stranded(self, folder: Path) -> bool:
        status = store.read_table(folder / "status.json")
        return status.get("status") == "queued" and status.get("server") == self.server

    def _job(self, folder: Path, config: RunConfig, action: str) -> QueuedRun:
        begun = action != "new" and (folder / store.CHECKPOINT).exists()
        group = None if begun else group_id(config)
        return QueuedRun(folder.name, kin(config.to_json()), config.epochs, config.seconds, group)

    def _folders(self) -> Iterator[Path]:
        try:
            names = os.listdir(self.root)
        except OSError:  # it went away under us
            return
        for count, name in enumerate(names):
            if count % BREATH == 0:
                time.sleep(0.001)  # this is read in the background: pages and sockets come first
            if store.is_run_id(name):
                yield self.root / name


def expected_job(run: str, config: RunConfig) -> QueuedRun:
    """A run whose folder is still to be made."""
    return QueuedRun(run, kin(config.to_json()), config.epochs, config.seconds, opened=False)


def _remove_free(path: Path) -> None:
    """Delete a lock that nobody holds; held while it is deleted, so that nobody takes it in between."""
    lock = FileLock(path)
    with suppress(OSError, Timeout):
        lock.acquire(timeout=0)
        try:
            os.unlink(path)
        finally:
            lock.release()


def _age(folder: Path) -> float:
    try:
        return -folder.stat().st_mtime
    except OSError:
        return 0.0
