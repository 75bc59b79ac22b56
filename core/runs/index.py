"""The list of runs in a folder, kept in memory: a folder is read again only when it changed.

A change of a run replaces or adds a file, which changes the modification time of its folder; so one look at the runs folder
tells which runs to look at more closely. Those get a `stat` of each file that a summary is made of, and are read again where
one differs. A folder that changed a moment ago is not trusted (times are coarse), and a few others are looked at each time,
so that a file edited in place is noticed too. What a run takes on disk is kept by folder and added up in passing.

Thread-safe. `core/runs/cache.py` keeps the list on disk for the first look of the next process.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from core.runs import cache, store
from core.runs.disk import file_size
from core.runs.files import is_run_id
from core.runs.summary import READ, Entry, Stamp, Summary, summarise

SETTLED = 2.0  # seconds after which a folder's time tells of every later change
ALL = 200  # runs up to which each look examines all; with more, an eighth of the rest in turn
SHARE = 8
RESIZE = 5.0  # seconds between looks at what a changing run takes on disk


class RunIndex:
    """The runs of one folder. `summaries` and `bytes` cost some microseconds a run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.RLock()
        self._entries: dict[str, Entry] = {}
        self._turn = 0
        self._loaded = False
        self._unsaved = self._looks = 0

    def summaries(self, sizes: bool = False) -> list[Summary]:
        """All runs, the newest first, as they are now. Never raises: a folder that cannot be read has its problem.

        Without `sizes` those of a large folder that were not measured before are None, which halves the first look.
        """
        with self._lock:
            self._look()
            if sizes or len(self._entries) <= ALL:
                self._measure_all()
            queues: dict[Path, bool] = {}
            found = [self._true(entry.summary, queues) for entry in self._entries.values()]
        return sorted(found, key=lambda item: (-item.created, item.run))

    def summary(self, run: str) -> Summary | None:
        """One of them; None when there is no such folder."""
        with self._lock:
            self._look({run})
            entry = self._entries.get(run)
            if entry is None:
                return None
            self._measure_all({run})
            return self._true(entry.summary, {})

    def bytes(self) -> int:
        """What all runs take on disk."""
        with self._lock:
            self._look()
            self._measure_all()
            return sum(entry.summary.bytes or 0 for entry in self._entries.values())

    def bytes_of(self, run: str) -> int:
        """What one of them takes; 0 when it is not there."""
        with self._lock:
            entry = self._entries.get(run)
            return 0 if entry is None else entry.summary.bytes or 0

    def save(self) -> None:
        """Keep the list for the next process, if enough was read that it does not know."""
        with self._lock:
            if cache.worth_saving(self._unsaved, len(self._entries)):
                self._measure_all()
                self._unsaved = 0
                cache.save(self.root, self._entries)

    def _look(self, only: set[str] | None = None) -> None:
        """Bring the entries up to date with the folder; where it cannot be listed (no handles left), they stay as they are."""
        if not self._loaded:
            self._entries, self._loaded = cache.load(self.root), True
        try:
            folders = dict(_run_folders(self.root))
        except OSError:
            if not self.root.is_dir():  # it went away under us
                self._entries.clear()
            return
        for run in self._entries.keys() - folders.keys():
            del self._entries[run]
        now, turn = time.time(), self._turn
        self._turn = (turn + 1) % SHARE
        few = len(folders) <= ALL
        for position, (run, stamp) in enumerate(folders.items()):
            entry = self._entries.get(run)
            if only is not None and run not in only:
                continue
            if entry is None or entry.stamp != stamp or few or position % SHARE == turn:
                self._examine(run, stamp, now)
        self._looks += 1
        if self._looks > 1:  # the first answer shall not wait for it
            self.save()

    def _examine(self, run: str, stamp: Stamp, now: float) -> None:
        """Read a run again if one of its files changed."""
        folder = os.path.join(self.root, run)
        entry = self._entries.get(run)
        stamps = {name: _stamp(f"{folder}/{name}") for name in READ}
        if stamps["result.json"] is not None:
            stamps["metrics.jsonl"] = None  # nothing is read off it then
        if entry is None or entry.stamps != stamps:
            fresh = Entry(
                summarise(Path(folder), None if entry is None else entry.summary.bytes, stamp[0] / 1e9), stamps
            )
            if entry is not None:
                fresh.sizes, fresh.sized = entry.sizes, entry.sized
            if isinstance(getattr(fresh.summary.problem, "__cause__", None), OSError):
                fresh.stamps = {}  # it may be readable in a moment
            entry = self._entries[run] = fresh
            self._unsaved += 1
        if entry.summary.status.get("status") != "running" or now - entry.sized > RESIZE:
            entry.sized = 0.0
        settled = now - stamp[0] / 1e9 > SETTLED
        entry.stamp = stamp if settled else None

    def _measure_all(self, only: Collection[str] = ()) -> None:
        now = time.time()
        for run in only or self._entries:
            if not self._entries[run].sized:
                self._measure(self._entries[run], os.path.join(self.root, run), now)

    def _measure(self, entry: Entry, folder: str, now: float) -> None:
        """Add up what changed: the run's own files, and those of its folders of pictures."""
        sizes: dict[str, tuple[int, int]] = {}
        for part in ("", *store.PICTURES):
            time_ns = (_stamp(f"{folder}/{part}" if part else folder) or (0,))[0]
            known = entry.sizes.get(part)
            young = now - time_ns / 1e9 <= SETTLED
            if known is not None and known[0] == time_ns and not young:
                sizes[part] = known
            elif time_ns:
                sizes[part] = time_ns, _bytes(f"{folder}/{part}", () if part else store.PICTURES)
        entry.sizes, entry.sized = sizes, now
        total = sum(count for _, count in sizes.values())
        if total != entry.summary.bytes:
            entry.summary = replace(entry.summary, bytes=total)

    def _true(self, item: Summary, queues: dict[Path, bool]) -> Summary:
        """The stored status, or "stopped" where nobody trains or keeps the place. A server is asked after once a list."""
        state = item.status.get("status")
        if state == "running":
            dead = store.is_dead(self.root / item.run, item.status)
        elif state == "queued":
            lock = store.queue_lock(self.root, item.status)
            if lock not in queues:
                queues[lock] = store.is_held(lock)
            dead = not queues[lock]
        else:
            return item
        return replace(item, status=store.stopped(item.status)) if dead else item


@lru_cache(maxsize=16)
def index_of(root: Path) -> RunIndex:
    """The one index of a runs folder in this process; page scripts and the executor share it."""
    return RunIndex(root)


def _run_folders(root: Path) -> Iterator[tuple[str, Stamp]]:
    """Name and stamp of each folder that is named like a run, and of each link: that one is shown, so that it can be deleted."""
    with os.scandir(root) as entries:
        for entry in entries:
            if not is_run_id(entry.name):
                continue
            try:
                if entry.is_dir(follow_symlinks=False) or entry.is_symlink():
                    found = entry.stat(follow_symlinks=False)
                    yield entry.name, (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
            except OSError:
                continue


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _bytes(folder: str, without: tuple[str, ...]) -> int:
    """Bytes of all files in a folder and below, but for some folders in it."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    total += file_size(entry)
                elif entry.name not in without and entry.is_dir(follow_symlinks=False):
                    total += store.size(Path(entry.path))
    except OSError:
        return total
    return total
