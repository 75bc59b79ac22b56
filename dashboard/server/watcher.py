"""One watcher a run looks at its folder, every 4 ms while something happens there, and wakes all sockets that show it.

A glance is five `stat`s; files are read only when they changed, once for all watchers of the run.
What a client gets is decided by the client's own position (see socket.py), so a slow one skips pictures and delays nobody.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import store
from core.errors import RunError

QUICK, SLOW = 0.004, 0.1  # seconds between looks at a run that moves, and at one that rests
REST = 5.0  # seconds without news until a run that is not being trained counts as resting
RECHECK = 1.0  # seconds between looks at a running run's lock: a dead writer shows within two of them
LOOKED_AT = ("config.json", "status.json", "metrics.jsonl", "projection", "result.json")
Position = Callable[[str], dict[str, Any] | None]


@dataclass
class View:
    """The newest that is known of a run. Clients compare counters, never contents."""

    run: str
    folder: Path
    status: dict[str, Any] = field(default_factory=dict)
    records: str = ""  # whole lines so far
    epoch: int = 0  # goes up when records were dropped (a resume), so that clients start over
    steps: tuple[int, ...] = ()
    frame: tuple[int, bytes] | None = None
    result: dict[str, Any] | None = None
    gone: str | None = None
    version: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    clients: int = 0


class Watchers:
    """The views that somebody looks at, by run."""

    def __init__(self, root: Path, position: Position) -> None:
        self.root, self.position = root, position
        self._views: dict[str, tuple[View, asyncio.Task[None]]] = {}

    def open(self, run: str) -> View | None:
        """The view of a run; None when there is no such run. Pair with `close`."""
        if run not in self._views:
            folder = store.find_run(self.root, run)
            if folder is None:
                return None
            view = View(run, folder)
            glance = _Glance(view, self.position)
            glance.look()
            self._views[run] = view, asyncio.create_task(self._watch(view, glance))
        view = self._views[run][0]
        view.clients += 1
        return view

    def close(self, view: View) -> None:
        """One watcher less; with the last one the looking ends."""
        view.clients -= 1
        if view.clients == 0 and view.run in self._views and self._views[view.run][0] is view:
            self._views.pop(view.run)[1].cancel()

    async def _watch(self, view: View, glance: _Glance) -> None:
        moved = time.monotonic()
        while view.gone is None:
            running = view.status.get("status") == "running"
            await asyncio.sleep(QUICK if running or time.monotonic() - moved < REST else SLOW)
            if glance.look():
                moved = time.monotonic()
                await _wake(view)
        self._views.pop(view.run, None)


async def _wake(view: View) -> None:
    async with view.changed:
        view.version += 1
        view.changed.notify_all()


class _Glance:
    """Compares a folder with what its view knows."""

    def __init__(self, view: View, position: Position) -> None:
        self.view, self.position = view, position
        self.stamps: dict[str, tuple[int, int]] = {}
        self.paths = {name: os.path.join(view.folder, name) for name in LOOKED_AT}  # a Path costs more than the look
        self.offset = 0
        self.checked = 0.0

    def look(self) -> bool:
        """Read what changed; True when something did."""
        view = self.view
        if not os.path.exists(self.paths["config.json"]):
            view.gone = "deleted"
            return True
        changed = [self._status(), self._records(), self._frames(), self._result()]
        return any(changed)

    def _status(self) -> bool:
        moved = self._moved("status.json")
        live = self.view.status.get("status") in ("running", "queued")
        now = time.monotonic()
        if not moved and not (live and now - self.checked > RECHECK):
            return False
        self.checked = now
        try:
            status = store.read_status(self.view.folder)
        except RunError as error:
            status = {"status": "failed", "message": str(error), "error": error.key}
        if status["status"] == "queued":
            status = {**status, "place": self.position(self.view.run)}
        if status == self.view.status:
            return False
        self.view.status = status
        return True

    def _records(self) -> bool:
        if not self._moved("metrics.jsonl"):
            return False
        path = self.view.folder / "metrics.jsonl"
        try:
            new, size = store.read_from(path, self.offset)
            if size < self.offset:
                self.offset, self.view.records = 0, ""
                self.view.epoch += 1
                new, _ = store.read_from(path, 0)
        except RunError:  # no file of ours
            return False
        whole = new[: new.rfind(b"\n") + 1]
        self.offset += len(whole)
        self.view.records += whole.decode("utf-8", "replace")
        return bool(whole)

    def _frames(self) -> bool:
        if not self._moved("projection"):
            return False
        steps = tuple(store.steps(self.view.folder, "projection"))
        newest = steps[-1] if steps else None
        self.view.steps = steps
        if newest is not None:
            try:
                data = store.read_file(store.frame_path(self.view.folder, "projection", newest))
            except RunError:  # dropped by a resume between the two looks, or no file of ours
                return True
            self.view.frame = (newest, data)
        return True

    def _result(self) -> bool:
        if not self._moved("result.json"):
            return False
        try:
            self.view.result = store.read_result(self.view.folder)
        except RunError:
            return False
        return True

    def _moved(self, name: str) -> bool:
        """Whether the file or folder changed since the last look (or went away)."""
        try:
            stat = os.stat(self.paths[name])
        except OSError:
            return self.stamps.pop(name, None) is not None and False
        stamp = (stat.st_mtime_ns, stat.st_size)
        if self.stamps.get(name) == stamp:
            return False
        self.stamps[name] = stamp
        return True
