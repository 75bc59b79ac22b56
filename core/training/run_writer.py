"""The files of one recording of a run: which of them are synced to disk, and that a deleted run stays deleted.

Checkpoint, result and last status wait for the disk, and what they build on before them, so a power cut loses nothing that
was said to be there. Status, records and pictures on the way do not wait: they would cost more than they are worth.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors.torch import load, save
from torch import Tensor

from core.errors import FusionariumError, RunError
from core.runs import store
from core.runs.files import unreadable
from core.runs.heartbeat import beat
from core.runs.types import Result, RunState, Status

RECORDS = "metrics.jsonl"
EVERY = 0.5  # seconds at least between checkpoints,
SHARE = 20  # and at least so many times what the last one took: a slow disk takes a twentieth of the time
_BLOCK = 4096  # bytes that a small file has room for without asking for more
_COUNTS = ("step", "epochs")  # of a checkpoint


class RunWriter:
    """Writes into the folder that was there when it began; a folder deleted, moved away or made anew since is a RunError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._home = _identity(folder)
        self._saved = self._took = 0.0
        self._status: Status | None = None  # the last one that was written
        self._status_lock = threading.Lock()

    def check(self) -> None:
        """RunError when the run's folder is not the one any more that this writing began in."""
        if _identity(self.folder) != self._home:
            raise RunError("run_gone", name=self.folder.name)

    def table(self, name: str, value: Mapping[str, Any], durable: bool = False) -> None:
        """A JSON file."""
        self.check()
        store.write_json(self.folder / name, value, durable=durable, make=False)

    def status(self, status: Status, durable: bool = False) -> None:
        """status.json, with a sign of life; the heartbeat's thread writes it too."""
        with self._status_lock:
            self._status = {**status, "heartbeat": beat()}
            self.table("status.json", self._status, durable=durable)

    def renew_status(self) -> None:
        """The last status once more, with a newer sign of life, where that says "running"."""
        with self._status_lock:
            if self._status is not None and self._status["status"] == RunState.RUNNING:
                self._status = {**self._status, "heartbeat": beat()}
                self.table("status.json", self._status)

    def picture(self, kind: str, step: int, data: bytes) -> None:
        """A file of `frames/`."""
        self.check()
        store.write_atomic(store.frame_path(self.folder, kind, step), data, make=False)

    def text(self, name: str, text: str) -> None:
        """A file for people."""
        self.check()
        store.write_atomic(self.folder / name, text.encode("utf-8", "replace"), make=False)

    def records(self, lines: Sequence[str]) -> None:
        """Write these behind the records that are there."""
        self.check()
        store.append(self.folder / RECORDS, "".join(f"{line}\n" for line in lines).encode())

    def result(self, result: Result) -> None:
        """The result, after the records that it sums up."""
        self._sync_records()
        self.table("result.json", result, durable=True)

    def checkpoint_due(self) -> bool:
        """Whether the next epoch's end is worth a checkpoint."""
        return time.perf_counter() - self._saved >= max(EVERY, SHARE * self._took)

    def checkpoint(self, state: Mapping[str, Tensor]) -> None:
        """The state, after the records that came before it."""
        begun = time.perf_counter()
        self._sync_records()
        self.check()
        store.write_atomic(self.folder / store.CHECKPOINT, save(dict(state)), durable=True, make=False)
        self._saved = time.perf_counter()
        self._took = self._saved - begun

    def last_status(self, status: Status) -> bool:
        """How the run ended; on a full disk into the room that the status before has. False when it could not be written.

        Then the free lock tells that nobody trains.
        """
        try:
            self.status(status, durable=True)
        except RunError:
            return self._write_over(json.dumps(status).encode())
        return True

    def read_checkpoint(self) -> dict[str, Tensor] | None:
        """The state to go on from; None where there is none, or one of an older engine that did not count its steps."""
        path = self.folder / store.CHECKPOINT
        if not os.path.lexists(path):
            return None
        data = store.read_file(path)
        try:
            state = load(data)
            if "step" not in state:
                return None
            odd = [name for name in _COUNTS if not _is_count(state[name])]
        except Exception as error:  # safetensors raises its own kinds; any of them means: this file is no checkpoint
            raise unreadable(path, error) from error
        if odd:
            raise unreadable(path, f"{odd[0]} is no count")
        return state

    def drop_after(self, step: int | None) -> None:
        """Forget records and pictures after the checkpoint (all of them without one): they will be made again."""
        self.check()
        kept = [r for r in store.read_records(self.folder) if step is not None and r["step"] <= step]
        text = "".join(json.dumps(record) + "\n" for record in kept)
        store.write_atomic(self.folder / RECORDS, text.encode(), make=False)
        for kind in store.PICTURES:
            place = self.folder / kind
            if os.path.lexists(place) and not store.is_own_folder(place):  # a link may lead anywhere
                with suppress(OSError):
                    place.unlink()
            for number in store.steps(self.folder, kind):
                if step is None or number > step:
                    with suppress(OSError):
                        store.frame_path(self.folder, kind, number).unlink(missing_ok=True)

    def _sync_records(self) -> None:
        path = self.folder / RECORDS
        try:
            store.sync(path)
        except FileNotFoundError:  # nothing was recorded yet
            self.check()
        except OSError as error:
            store.raise_for_disk(path, error)

    def _write_over(self, data: bytes) -> bool:
        try:
            self.check()
            if len(data) > _BLOCK:
                return False
            store.write_over(self.folder / "status.json", data)
        except (FusionariumError, OSError):
            return False
        return True


def _identity(folder: Path) -> tuple[int, int]:
    """What tells a folder from another one of its name; RunError when there is none."""
    try:
        found = os.lstat(folder)
    except OSError:
        raise RunError("run_gone", name=folder.name) from None
    return found.st_dev, found.st_ino


def _is_count(value: Tensor) -> bool:
    return value.numel() == 1 and not value.is_floating_point() and 0 <= int(value) < 10**9
