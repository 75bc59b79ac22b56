"""Disk usage of runs and its limit, how a run is deleted, and what crashes left behind: temporary files, folders deleted by half."""

from __future__ import annotations

import math
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigError
from core.runs.files import MB, is_own_folder, is_run_id
from core.runs.locks import LOCK, is_held

DISK_CAP_MB = 4096.0
CAP_VARIABLE = "FUSIONARIUM_DISK_MB"
OLD = 600.0  # seconds after which nobody writes or deletes a leftover any more
_LARGE = 64 * MB  # larger files are counted by their blocks: a sparse one takes no room
_DELETED = re.compile(r"\.(?:[0-9a-f]{12})\.(\d{15,20})\.deleted")
_TEMPORARY = re.compile(r"\.[^/]{1,80}\.\d+(?:-\d+-\d+)?\.tmp|\.writable-\d+")
_BEGUN = re.compile(r"\.[0-9a-f]{12}\.(?:\d+-\d+-\d+\.new|[a-z0-9_]{8})")  # runs and samples that were being made
_DEEPEST = 4  # folders below the runs folder that hold files of ours


def disk_cap_mb() -> float:
    """What all runs together may take: FUSIONARIUM_DISK_MB, or 4096."""
    text = os.environ.get(CAP_VARIABLE, "")
    try:
        cap = float(text) if text else DISK_CAP_MB
    except ValueError:
        cap = math.nan
    if not cap >= 0 or not text.isascii():
        raise ConfigError("not_number", label=CAP_VARIABLE, value=text, low="0", high="inf")
    return cap


@dataclass(frozen=True)
class Leftover:
    """A file or folder that a crash left."""

    path: Path
    bytes: int


def size(folder: Path) -> int:
    """Bytes on disk; links are not followed."""
    return sum(file_size(entry) for entry in _files(folder, 0))


def file_size(entry: os.DirEntry[str]) -> int:
    """Bytes of a file; a large one counts by what is really there of it. 0 when it is gone."""
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    return min(found.st_size, found.st_blocks * 512) if found.st_size > _LARGE and os.name != "nt" else found.st_size


def remove(folder: Path) -> None:
    """Delete a run. It is renamed first, so that no reader meets half of it. A link goes, not what it leads to."""
    to_delete = folder.with_name(f".{folder.name}.{time.time_ns()}.deleted")
    os.replace(folder, to_delete)
    _clear(to_delete)


def leftovers(root: Path, old: float = OLD) -> list[Leftover]:
    """What crashes left in a runs folder, at least `old` seconds ago, and nobody is writing."""
    return [Leftover(path, _weight(path)) for path in _leftovers(root, time.time() - old, 0)]


def sweep(root: Path, old: float = OLD) -> int:
    """Delete what crashes left; the bytes that became free."""
    freed = 0
    for item in leftovers(root, old):
        _clear(item.path)
        freed += 0 if os.path.lexists(item.path) else item.bytes
    return freed


def _leftovers(folder: Path, before: float, depth: int) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    if is_run_id(folder.name) and is_held(folder / LOCK):  # its writer's own temporary files
        return
    for entry in entries:
        if entry.is_symlink():
            continue
        if entry.is_dir():
            if _DELETED.fullmatch(entry.name) or _BEGUN.fullmatch(entry.name):
                if _since(entry) < before:
                    yield Path(entry.path)
            elif depth < _DEEPEST and not entry.name.startswith("."):
                yield from _leftovers(Path(entry.path), before, depth + 1)
        elif _TEMPORARY.fullmatch(entry.name) and _since(entry) < before:
            yield Path(entry.path)


def _since(entry: os.DirEntry[str]) -> float:
    """When it was left: a deleted folder has the time in its name, all else its last change."""
    if match := _DELETED.fullmatch(entry.name):
        return int(match[1]) / 1e9
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return float("inf")


def _weight(path: Path) -> int:
    if is_own_folder(path):
        return size(path)
    with suppress(OSError):
        return os.lstat(path).st_size
    return 0


def _clear(path: Path) -> None:
    if is_own_folder(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _files(folder: Path | str, depth: int) -> Iterator[os.DirEntry[str]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path, depth + 1) if depth < _DEEPEST else ()
            elif entry.is_file(follow_symlinks=False):
                yield entry
        except OSError:
            continue
