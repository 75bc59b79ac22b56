"""The newest snapshots of the runs that are watched, and the viewers to wake when one changes.

Looks are made in threads (lanes.py); their news are applied here, on the event loop, once for all watchers of a run.
What a client gets is decided by the client's own position (see socket.py), so a slow one skips pictures and delays nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.runs.types import Status
from dashboard.server.folder_poller import FolderPoller, GetPlace, GetProblem, News
from dashboard.server.lanes import Lanes, Watch
from dashboard.server.messages import GoneReason

PART_EVERY = 0.1  # seconds between looks at the threads that look
Deliver = Callable[[News | Exception], None]


@dataclass
class RunSnapshot:
    """The newest that is known of a run. Clients compare identities and positions, never contents."""

    run: str
    status: Status | None = None
    records: str = ""  # whole lines so far
    epoch: int = 0  # goes up when records were dropped (a resume), so that clients start over
    steps: tuple[int, ...] = ()
    frame: bytes | None = None
    result: dict[str, Any] | None = None
    document: str | None = None  # the message that says what the run is
    pictures: dict[str, Any] | None = None
    gone: GoneReason | None = None
    unreadable: str | None = None  # why the newest look failed, as long as looks do
    changed: asyncio.Event = field(default_factory=asyncio.Event)  # a new one after each change
    clients: int = 0

    def apply(self, news: News | Exception) -> None:
        """From now on this is known."""
        if isinstance(news, Exception):
            self.unreadable = _reason(news)
            return
        self.unreadable = _reason(news.trouble) if news.trouble else None
        if news.reset:
            self.epoch, self.records = self.epoch + 1, ""
        self.records += news.text
        for name in ("status", "steps", "frame", "result", "document", "pictures", "gone"):
            if (value := getattr(news, name)) is not None:
                setattr(self, name, value)


class Pollers:
    """The snapshots that somebody looks at, by run."""

    def __init__(self, root: Path, position: GetPlace, problem: GetProblem = lambda run: None) -> None:
        self.root, self.position, self.problem = root, position, problem
        self.lanes = Lanes()
        self._snapshots: dict[str, tuple[RunSnapshot, Watch]] = {}
        self._parting: asyncio.TimerHandle | None = None

    def open(self, run: str) -> RunSnapshot:
        """The snapshot of a run; one of which nothing is known yet, until the first look. Pair with `close`."""
        if run not in self._snapshots:
            snapshot = RunSnapshot(run)
            poller = FolderPoller(self.root, run, self.position, self.problem)
            deliver = partial(_deliver, asyncio.get_running_loop(), partial(self._receive, snapshot))
            watch = Watch(poller, deliver)
            self._snapshots[run] = snapshot, watch
            self.lanes.add(watch)
            if self._parting is None:
                self._part()
        snapshot = self._snapshots[run][0]
        snapshot.clients += 1
        return snapshot

    def close(self, snapshot: RunSnapshot) -> None:
        """One watcher less; with the last one the looking ends."""
        snapshot.clients -= 1
        if snapshot.clients == 0:
            self._end(snapshot)

    def _end(self, snapshot: RunSnapshot) -> None:
        if snapshot.run in self._snapshots and self._snapshots[snapshot.run][0] is snapshot:
            self.lanes.remove(self._snapshots.pop(snapshot.run)[1])

    def _receive(self, snapshot: RunSnapshot, news: News | Exception) -> None:
        snapshot.apply(news)
        if snapshot.gone:
            self._end(snapshot)  # who asks again may find a new one of that name
        snapshot.changed.set()
        snapshot.changed = asyncio.Event()

    def _part(self) -> None:
        self.lanes.part()
        again = len(self.lanes) > 0
        self._parting = asyncio.get_running_loop().call_later(PART_EVERY, self._part) if again else None


def _deliver(loop: asyncio.AbstractEventLoop, receive: Deliver, news: News | Exception) -> None:
    """From a lane's thread to the event loop."""
    with suppress(RuntimeError):  # the server has ended
        loop.call_soon_threadsafe(receive, news)


def _reason(error: Exception) -> str:
    """Why, in a few words."""
    cause = error.__cause__ if isinstance(error, RunError) and error.__cause__ else error
    return (cause.strerror if isinstance(cause, OSError) else None) or type(cause).__name__
