"""What is known of the runs that somebody watches, and who wakes up when that changes.

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
from dashboard.server.glance import Ask, Glance, News
from dashboard.server.lanes import Lanes, Watch

PART_EVERY = 0.1  # seconds between looks at the threads that look
Hear = Callable[[News | Exception], None]


@dataclass
class View:
    """The newest that is known of a run. Clients compare identities and positions, never contents."""

    run: str
    status: dict[str, Any] = field(default_factory=dict)
    records: str = ""  # whole lines so far
    epoch: int = 0  # goes up when records were dropped (a resume), so that clients start over
    steps: tuple[int, ...] = ()
    frame: bytes | None = None
    result: dict[str, Any] | None = None
    document: str | None = None  # the message that says what the run is
    pictures: dict[str, Any] | None = None
    gone: str | None = None
    unreadable: str | None = None  # why the newest look found nothing, as long as looks do
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


class Watchers:
    """The views that somebody looks at, by run."""

    def __init__(self, root: Path, position: Ask, problem: Ask = lambda run: None) -> None:
        self.root, self.position, self.problem = root, position, problem
        self.lanes = Lanes()
        self._views: dict[str, tuple[View, Watch]] = {}
        self._parting: asyncio.TimerHandle | None = None

    def open(self, run: str) -> View:
        """The view of a run; one of which nothing is known yet, until the first look. Pair with `close`."""
        if run not in self._views:
            view = View(run)
            glance = Glance(self.root, run, self.position, self.problem)
            deliver = partial(_deliver, asyncio.get_running_loop(), partial(self._hear, view))
            watch = Watch(glance, deliver)
            self._views[run] = view, watch
            self.lanes.add(watch)
            if self._parting is None:
                self._part()
        view = self._views[run][0]
        view.clients += 1
        return view

    def close(self, view: View) -> None:
        """One watcher less; with the last one the looking ends."""
        view.clients -= 1
        if view.clients == 0:
            self._end(view)

    def _end(self, view: View) -> None:
        if view.run in self._views and self._views[view.run][0] is view:
            self.lanes.remove(self._views.pop(view.run)[1])

    def _hear(self, view: View, news: News | Exception) -> None:
        view.apply(news)
        if view.gone:
            self._end(view)  # who asks again may find a new one of that name
        view.changed.set()
        view.changed = asyncio.Event()

    def _part(self) -> None:
        self.lanes.part()
        again = len(self.lanes) > 0
        self._parting = asyncio.get_running_loop().call_later(PART_EVERY, self._part) if again else None


def _deliver(loop: asyncio.AbstractEventLoop, hear: Hear, news: News | Exception) -> None:
    """From a lane's thread to the event loop."""
    with suppress(RuntimeError):  # the server has ended
        loop.call_soon_threadsafe(hear, news)


def _reason(error: Exception) -> str:
    """Why, in a few words."""
    cause = error.__cause__ if isinstance(error, RunError) and error.__cause__ else error
    return (cause.strerror if isinstance(cause, OSError) else None) or type(cause).__name__
