"""Who writes a run: an exclusive lock that the operating system frees when the holder dies, and how to ask about it.

Asking must not look like holding, or many who look make a dead run seem alive and keep each other from deleting it. POSIX:
a question is a shared lock for a moment; questions do not exclude each other, and fail only while a writer holds the
file. A writer that meets one tries again within milliseconds. Windows has no shared lock: there a question takes the lock
for an instant, and says "held" only when several tries in a row failed.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.errors import RunError, is_momentary
from core.runs.files import is_own_folder, unreadable

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = "lock"
EXECUTOR_LOCK = "executor.lock"  # of the one server of a folder, until each had a lock of its own
SERVER_ID = re.compile(r"[0-9a-f]{8}")
LABEL_LOCK = "label.lock"
WRITER_WAITS = 2.0  # seconds for another writer that is about to end
LABEL_WAITS = 15.0  # seconds: each who is before us takes some milliseconds
_POLL = 0.002  # seconds between tries
_LOOKS, _APART = 4, 0.004  # of a question on Windows, and seconds between them
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the run's lock. The operating system frees it when the holder dies, however it dies."""
    with _holding(folder / LOCK, WRITER_WAITS, "run_busy"):
        yield


@contextmanager
def labelling(folder: Path) -> Iterator[None]:
    """Hold the run's label while it is read, changed and written, so that no change is lost."""
    with _holding(folder / LABEL_LOCK, LABEL_WAITS, "label_busy"):
        yield


def server_lock(root: Path, server: str) -> Path:
    """The lock that a server holds on a runs folder as long as it lives; its waiting runs name the server."""
    return root / f"executor-{server}.lock"


def queue_lock(root: Path, status: Mapping[str, Any]) -> Path:
    """The lock of the server that a waiting run waits for; versions before named none."""
    server = status.get("server")
    named = isinstance(server, str) and SERVER_ID.fullmatch(server) is not None
    return server_lock(root, str(server)) if named else root / EXECUTOR_LOCK


def is_held(path: Path) -> bool:
    """Whether somebody holds this lock file. False where it cannot be told: nobody can be writing there.

    RunError where only this process cannot ask now (no file handles left): a run in training must not read as stopped.
    """
    try:
        handle = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        if is_momentary(error):
            raise unreadable(path, error) from error
        return False
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return False
        if fcntl is None:
            return _held_by_taking(path)
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except OSError as error:
        if error.errno == errno.ENOSYS:  # a file system without locks; the library holds them another way there
            return _held_by_taking(path)
        return error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)
    finally:
        os.close(handle)  # lets the shared lock go


@contextmanager
def _holding(path: Path, seconds: float, busy: str) -> Iterator[None]:
    name = path.parent.name
    if not is_own_folder(path.parent):
        raise RunError("run_gone", name=name)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=seconds, poll_interval=_POLL)
    except Timeout:
        raise RunError(busy, name=name) from None
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        yield
    finally:
        lock.release()


def _held_by_taking(path: Path) -> bool:
    lock = FileLock(path)
    for _ in range(_LOOKS):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            time.sleep(_APART)
        except OSError:
            return False
        else:
            lock.release()
            return False
    return True
