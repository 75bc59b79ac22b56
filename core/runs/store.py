"""A run is a folder. This module reads and writes one: atomically, with one writer, without torch.

    config.json  status.json  metrics.jsonl  probe.json  result.json  label.json  log.txt
    frames/NNNNNN.bin  projection/NNNNNN.bin  predictions.bin  thumb.png  checkpoint.safetensors  lock  label.lock  stop
    rendering.json  picture_problem.json

Readable with `cat`, copied with `cp`. What lies here is never trusted: a half-written or foreign file becomes a
`RunError` with one sentence. Reading is in core/runs/files.py (bytes), strict_json.py and contents.py (what they say), locks
in core/runs/locks.py, what runs take on disk in core/runs/disk.py; all of it is reached by `store`.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import RunError, is_momentary
from core.paths import ASSETS
from core.runs.contents import (
    STATES,
    are_numbers,
    checked_label,
    checked_status,
    clean_name,
    is_dead,
    is_number,
    is_written,
    parse_record,
    read_label,
    read_probe,
    read_records,
    read_result,
    read_status,
    steps,
    stopped,
    stored_status,
)
from core.runs.disk import leftovers, remove, size, sweep
from core.runs.files import (
    RUN_ID,
    cap,
    is_own_file,
    is_own_folder,
    is_run_id,
    opened,
    read_file,
    read_from,
    read_json,
    read_table,
    run_name,
    unreadable,
)
from core.runs.locks import EXECUTOR_LOCK, LOCK, SERVER_ID, is_held, labelling, queue_lock, server_lock, writing
from core.runs.strict_json import parse_json

__all__ = [
    "EXECUTOR_LOCK",
    "LOCK",
    "RUN_ID",
    "SERVER_ID",
    "STATES",
    "are_numbers",
    "cap",
    "checked_label",
    "checked_status",
    "clean_name",
    "is_dead",
    "is_held",
    "is_momentary",
    "is_number",
    "is_own_file",
    "is_own_folder",
    "is_run_id",
    "is_written",
    "labelling",
    "leftovers",
    "opened",
    "parse_json",
    "parse_record",
    "queue_lock",
    "read_file",
    "read_from",
    "read_json",
    "read_label",
    "read_probe",
    "read_records",
    "read_result",
    "read_status",
    "read_table",
    "remove",
    "server_lock",
    "size",
    "steps",
    "stopped",
    "stored_status",
    "sweep",
    "unreadable",
    "writing",
]
REPLAYS = ASSETS / "replays"
PICTURES = ("frames", "projection")  # folders of a run
CHECKPOINT = "checkpoint.safetensors"  # of a run
_count = itertools.count()  # of temporary names: two threads never share one
_REPLACE_TRIES = 20  # on Windows a reader may hold the old file for a moment


def find_run(root: Path, run: str) -> Path | None:
    """The folder of a run, or of a replay that the program ships; None when there is none."""
    if not is_run_id(run):
        return None
    folder = (REPLAYS if run.startswith("replay-") else root) / run
    return folder if is_own_folder(folder) and is_own_file(folder / "config.json") else None


def is_shipped(run: str) -> bool:
    """Replays are part of the program: they are read, never changed."""
    return run.startswith("replay-")


def write_atomic(path: Path, data: bytes, *, durable: bool = False, make: bool = True) -> None:
    """Write so that a reader, or a crash, sees the old file or the new one and nothing between.

    `durable`: nor does a power cut lose it once this returns. That costs some milliseconds of waiting, so it is for what a
    promise hangs on. Without `make` the run's folder must be there: a run that somebody deleted does not come back.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}-{next(_count)}.tmp")
    try:
        if make or path.parent.name in PICTURES:
            path.parent.mkdir(parents=make, exist_ok=True)
        if path.parent.name in PICTURES and not is_own_folder(path.parent):
            raise NotADirectoryError(errno.ENOTDIR, f"{path.parent.name} is a link")  # it may lead anywhere
        temporary.write_bytes(data)
        if durable:
            sync(temporary)
        _replace(temporary, path)
        if durable:
            sync(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise_for_disk(path, error)


def write_json(path: Path, value: Any, *, durable: bool = False, make: bool = True) -> None:
    """`write_atomic` for plain data; NaN is refused by `json`, so it never reaches a browser."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, allow_nan=False).encode(), durable=durable, make=make)


def append(path: Path, data: bytes) -> None:
    """Write behind what a file of a run holds; RunError when it cannot be, or is no file of ours."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666)
        try:
            while data:
                data = data[os.write(handle, data) :]
        finally:
            os.close(handle)
    except OSError as error:
        raise_for_disk(path, error)


def write_over(path: Path, data: bytes) -> None:
    """Write into the room that a small file has already: the last word of a run whose disk is full. OSError when it cannot."""
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        os.write(handle, data)
        os.ftruncate(handle, len(data))
    finally:
        os.close(handle)


def sync(path: Path) -> None:
    """Wait until the disk has this file, or the names in this folder. Where folders cannot be synced (Windows) they are not."""
    folder = path.is_dir()
    try:
        handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    except OSError:
        if folder:
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if not folder or error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def raise_for_disk(path: Path, error: OSError) -> None:
    """A full disk and a folder that went away get their own sentences; every other trouble says which file it is about."""
    known = full_disk(path.parent, error)
    if known is None and isinstance(error, FileNotFoundError):
        known = RunError("run_gone", name=run_name(path))
    raise known or RunError("unwritable_run", name=run_name(path), reason=f"{path.name}: {error.strerror}") from error


def full_disk(folder: Path, error: BaseException) -> RunError | None:
    """The sentence for an error that comes from a full disk; None for any other."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return RunError("disk_full", path=folder) if full else None


def frame_path(folder: Path, kind: str, step: int) -> Path:
    """frames/000040.bin"""
    return folder / kind / f"{step:06d}.bin"


def _replace(source: Path, target: Path) -> None:
    for attempt in range(_REPLACE_TRIES):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if attempt == _REPLACE_TRIES - 1:
                raise
            time.sleep(0.01)
