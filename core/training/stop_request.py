"""Requests to stop a run at its next record: the file `stop` in its folder, or the process that runs the worker."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import RunError
from core.runs import store

StopRequested = Callable[[str], bool]  # run -> whether nobody needs it any more
STOP = "stop"  # the file


def never(run: str) -> bool:
    """No request but by the file."""
    return False


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the run's lock; a request to stop from before is forgotten, one that came while the run waited is not."""
    with store.writing(folder):
        if not _stopped_while_queued(folder):
            forget_stop(folder)
        yield


def stop_file_exists(folder: Path) -> bool:
    """Whether the file is there; a folder or a link of that name is no request."""
    return store.is_own_file(folder / STOP)


def forget_stop(folder: Path) -> None:
    """Take the file away."""
    with suppress(OSError):  # a folder of that name stays
        (folder / STOP).unlink(missing_ok=True)


def _stopped_while_queued(folder: Path) -> bool:
    """Whether the file was made after the run was queued: between a worker's getting it and this moment."""
    status = folder / "status.json"
    try:
        queued = store.read_table(status).get("status") == "queued"
        return queued and os.lstat(folder / STOP).st_mtime_ns > os.lstat(status).st_mtime_ns
    except (RunError, OSError):
        return False
