"""A run is a folder. This module reads and writes one: atomically, with one writer, without torch.

    config.json  status.json  metrics.jsonl  probe.json  result.json  label.json  log.txt
    frames/NNNNNN.bin  projection/NNNNNN.bin  thumb.png  checkpoint.safetensors  lock  stop

Readable with `cat`, copied with `cp`. What lies here is never trusted: a half-written or foreign file becomes a
`RunError` with one sentence.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.errors import RunError
from core.run_files import (
    LARGEST,
    RUN_ID,
    cap,
    is_own_file,
    is_own_folder,
    is_run_id,
    opened,
    parse_json,
    read_file,
    read_from,
    unreadable,
)

__all__ = [
    "RUN_ID",
    "cap",
    "is_own_file",
    "is_own_folder",
    "is_run_id",
    "opened",
    "parse_json",
    "read_file",
    "read_from",
]
REPLAYS = Path(__file__).resolve().parent.parent / "assets" / "replays"
EXECUTOR_LOCK = "executor.lock"  # of the one server of a folder, until each had a lock of its own
SERVER_ID = re.compile(r"[0-9a-f]{8}")
CHECKPOINT = "checkpoint.safetensors"  # of a run
STATES = ("queued", "running", "finished", "stopped", "failed")
_FIGURES = ("step", "epoch", "epochs", "budget", "seconds", "progress", "seconds_left", "together")  # of a status
_FRAME = re.compile(
    r"[0-9]{6}\.bin|[1-9][0-9]{6,8}\.bin"
)  # as `frame_path` writes them; a sync program's copies are none
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


def write_atomic(path: Path, data: bytes) -> None:
    """Write so that a reader, or a crash, sees the old file or the new one and nothing between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        _replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise_for_disk(path, error)


def write_json(path: Path, value: Any) -> None:
    """`write_atomic` for plain data; NaN is refused by `json`, so it never reaches a browser."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


def read_json(path: Path) -> Any:
    """The file's data, or RunError naming the run."""
    data = read_file(path)
    try:
        return parse_json(data)
    except ValueError as error:
        raise unreadable(path, error) from error


def read_table(path: Path) -> dict[str, Any]:
    """The file's data, which must be a table of names, or RunError naming the run."""
    data = read_json(path)
    if not isinstance(data, dict):
        raise unreadable(path, "not a table of names")
    return data


def raise_for_disk(path: Path, error: OSError) -> None:
    """A full disk gets its own sentence; every other trouble is raised as it is."""
    raise full_disk(path.parent, error) or error


def full_disk(folder: Path, error: BaseException) -> RunError | None:
    """The sentence for an error that comes from a full disk; None for any other."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return RunError("disk_full", path=folder) if full else None


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the run's lock. The operating system frees it when the holder dies, however it dies."""
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=2)
    except Timeout:
        raise RunError("run_busy", name=folder.name) from None
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Whether somebody holds this lock file."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:  # a read-only folder: nobody can be writing there
        return False
    lock.release()
    return False


def read_status(folder: Path) -> dict[str, Any]:
    """The truth about a run: "running" without a writer, or "queued" without a queue, is stopped."""
    status = read_table(folder / "status.json")
    if status.get("status") not in STATES:
        raise RunError("broken_run", name=folder.name, reason="status.json: no status")
    if odd := [name for name in _FIGURES if not (status.get(name) is None or is_number(status[name]))]:
        raise RunError("broken_run", name=folder.name, reason=f"status.json: {odd[0]} is no number")
    dead = (status["status"] == "running" and not is_held(folder / "lock")) or (
        status["status"] == "queued" and not is_held(_server_lock(folder.parent, status))
    )
    if dead:  # the writer may have finished between the two looks
        again = read_json(folder / "status.json")
        return again if again != status else {**status, "status": "stopped", "seconds_left": None}
    return status


def server_lock(root: Path, server: str) -> Path:
    """The lock that a server holds on a runs folder as long as it lives; its waiting runs name the server."""
    return root / f"executor-{server}.lock"


def _server_lock(root: Path, status: dict[str, Any]) -> Path:
    """The lock of the server that a waiting run waits for; versions before named none."""
    server = status.get("server")
    named = isinstance(server, str) and SERVER_ID.fullmatch(server) is not None
    return server_lock(root, str(server)) if named else root / EXECUTOR_LOCK


def read_records(folder: Path) -> list[dict[str, Any]]:
    """All whole lines of metrics.jsonl; what a killed writer left half is none, and nothing after it counts."""
    try:
        data = read_file(folder / "metrics.jsonl")
    except RunError:
        return []
    records = []
    for line in data.split(b"\n"):
        if (
            b"[" in line or line.count(b"{") != 1
        ):  # a record is flat; a cheaper look than `parse_json`, there are thousands
            break
        try:
            record = parse_json(line) if b"\\" in line else json.loads(line)
        except ValueError:
            break
        if not isinstance(record, dict) or "step" not in record or not all(map(is_number, record.values())):
            break
        records.append(record)
    return records


def read_result(folder: Path) -> dict[str, Any]:
    """What a finished run came to; RunError when the file is not one."""
    result = read_table(folder / "result.json")
    metrics = result.get("metrics")
    if not isinstance(metrics, dict) or not all(map(is_number, metrics.values())):
        raise RunError("broken_run", name=folder.name, reason="result.json: no metrics")
    return result


def is_number(value: object) -> bool:
    """A finite number; true and false are none."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < LARGEST
    return isinstance(value, float) and math.isfinite(value)


def steps(folder: Path, kind: str) -> list[int]:
    """The optimiser steps that have a file in `frames/` or `projection/`, in order; other names there are ignored."""
    place = folder / kind
    if not (is_own_folder(folder) and is_own_folder(place)):
        return []
    try:
        return sorted(int(name[:-4]) for name in os.listdir(place) if _FRAME.fullmatch(name))
    except OSError:
        return []


def frame_path(folder: Path, kind: str, step: int) -> Path:
    """frames/000040.bin"""
    return folder / kind / f"{step:06d}.bin"


def size(folder: Path) -> int:
    """Bytes on disk."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def remove(folder: Path) -> None:
    """Delete a run. It is renamed first, so that no reader meets half of it."""
    doomed = folder.with_name(f".{folder.name}.{time.time_ns()}.deleted")
    os.replace(folder, doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _replace(source: Path, target: Path) -> None:
    for attempt in range(_REPLACE_TRIES):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if attempt == _REPLACE_TRIES - 1:
                raise
            time.sleep(0.01)
