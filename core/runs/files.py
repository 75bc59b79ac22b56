"""The one reader of files that lie in run folders: regular files only, no links, a cap for each kind, strict JSON.

A run folder may come from anywhere (copied, synced, a stranger's), so nothing in it is trusted: a pipe must not make the
reader wait, a link must not lead out, and a sparse file must not fill memory.
Whatever is wrong becomes a `RunError` with one sentence that names the run and the file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.runs.strict_json import parse_json

RUN_ID = re.compile(r"[0-9a-f]{12}|replay-[a-z0-9-]{1,40}")
MB = 10**6
CAPS = {  # bytes a file of this name may have to be read; each some ten times the largest that a run of ours has made
    "config.json": MB,
    "status.json": MB,
    "label.json": 64_000,  # a name of at most 60 characters and a star
    "metrics.jsonl": 64 * MB,  # 1,000 epochs with ten records of 20 figures each are 5 MB
    "thumb.png": 4 * MB,
    "checkpoint.safetensors": 2_000 * MB,  # weights and two moments of each
}
SUFFIX_CAPS = {".bin": 64 * MB, ".png": 64 * MB}  # a snapshot of 2,000 samples, 3 modalities, 512 wide is 6 MB
OTHER_CAP = 16 * MB  # result, probe, tables, answers, log
_MOST_ABOVE = 2  # folders between those that hold runs and a file of one: <run>/frames/000040.bin
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_FILE = _FLAGS | getattr(os, "O_BINARY", 0)
_FOLDER = _FLAGS | getattr(os, "O_DIRECTORY", 0)
_STEPWISE = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")


def is_run_id(text: object) -> bool:
    """Whether `text` may name a run; anything else never reaches the file system."""
    return isinstance(text, str) and RUN_ID.fullmatch(text) is not None


def cap(path: Path) -> int:
    """The most bytes that are read of a file with this name."""
    return CAPS.get(path.name, SUFFIX_CAPS.get(path.suffix, OTHER_CAP))


def read_file(path: Path, limit: int | None = None) -> bytes:
    """A file of a run, at most `limit` bytes long (default: `cap`). RunError for whatever cannot or must not be read."""
    try:
        handle = _open(path)
        try:
            return _read(handle, _regular(handle, cap(path) if limit is None else limit))
        finally:
            os.close(handle)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name, no regular file, too large
        raise unreadable(path, error) from error


def read_from(path: Path, offset: int) -> tuple[bytes, int]:
    """(what lies behind `offset`, the file's size): for a file that is written on. RunError as from `read_file`."""
    with opened(path) as (handle, size):
        if offset >= size:
            return b"", size
        os.lseek(handle, offset, os.SEEK_SET)
        return _read(handle, size - offset), size


@contextmanager
def opened(path: Path, limit: int | None = None) -> Iterator[tuple[int, int]]:
    """(descriptor, bytes) of a regular file that lies in its run folder itself; RunError otherwise, and for errors within."""
    try:
        handle = _open(path)
        try:
            size = _regular(handle, cap(path) if limit is None else limit)
            yield handle, size
        finally:
            os.close(handle)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        if isinstance(error, RunError):
            raise
        raise unreadable(path, error) from error


def unreadable(path: Path, error: object) -> RunError:
    """The sentence for a file that cannot be read."""
    reason = error.strerror or type(error).__name__ if isinstance(error, OSError) else error
    return RunError("broken_run", name=run_name(path), reason=f"{path.name}: {str(reason)[:200]}")


def is_own_file(path: Path) -> bool:
    """Whether a regular file, and no link, lies there."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_own_folder(path: Path) -> bool:
    """Whether a folder, and no link to one, lies there."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def read_json(path: Path) -> Any:
    """The file's data, or RunError naming the run."""
    data = read_file(path)
    try:
        return parse_json(data)
    except ValueError as error:
        raise unreadable(path, error) from error


def read_first(path: Path, name: str) -> Any:
    """The first value of a table of names alone, which must be `name`'s: the list of runs needs no more of a result."""
    data = read_file(path)
    opening = b'{"%s": ' % name.encode()
    if not (data.startswith(opening) and data.endswith(b"}")):
        return read_table(path).get(name)
    end = data.find(b"}", len(opening))
    try:
        return parse_json(data[len(opening) : end + 1])
    except ValueError:  # no flat table
        return read_table(path).get(name)


def read_table(path: Path) -> dict[str, Any]:
    """The file's data, which must be a table of names, or RunError naming the run."""
    data = read_json(path)
    if not isinstance(data, dict):
        raise unreadable(path, "not a table of names")
    return data


def _open(path: Path) -> int:
    """Step by step below the folder that holds the run, so that none of the steps is a link, whoever changes them meanwhile."""
    outside, own = _own_parts(path)
    if not _STEPWISE:
        for depth in range(1, len(own)):
            if not is_own_folder(Path(outside, *own[:depth])):
                raise OSError(0, "a link")
        if os.path.islink(path):
            raise OSError(0, "a link")
        return os.open(path, _FILE)
    folder = os.open(outside or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in own[:-1]:
            below = os.open(name, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(own[-1], _FILE, dir_fd=folder)
    finally:
        os.close(folder)


def _own_parts(path: Path) -> tuple[str, list[str]]:
    """(the folder that holds the run, the names below it: the run, and what lies in it); a file of no run is its only part."""
    parts = str(path).rsplit(os.sep, _MOST_ABOVE + 1)
    for i in range(len(parts) - 2, -1, -1):
        if RUN_ID.fullmatch(parts[i]):
            return (os.sep.join(parts[:i]) or os.sep) if i else os.curdir, parts[i:]
    return os.path.dirname(str(path)), parts[-1:]


def run_name(path: Path) -> str:
    """The run that a file belongs to, or the folder where it lies."""
    _, own = _own_parts(path)
    return own[0] if len(own) > 1 else path.parent.name


def _regular(handle: int, limit: int) -> int:
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("not a file")
    if found.st_size > limit:
        raise ValueError(f"{found.st_size / MB:.1f} MB, more than the {limit / MB:g} MB that are read")
    return found.st_size


def _read(handle: int, size: int) -> bytes:
    parts = []
    while size > 0 and (part := os.read(handle, size)):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
