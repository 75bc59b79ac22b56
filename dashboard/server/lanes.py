"""The threads that look at folders, so that the event loop never waits for a disk.

All runs that are watched share one lane: a thread that looks at each of them when it is due. A look that takes long (a share
of a network, a disk that wakes up) keeps its lane for itself: the others get another one. So a slow folder delays
nobody but those who watch it, and the lanes are few.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.server.folder_poller import FolderPoller, News

QUICK, SLOW = 0.004, 0.1  # seconds between looks at a run that moves, and at one that rests
CROWD = 0.0005  # seconds that each run that moves adds, so that many cost no more than a few
REST = 5.0  # seconds without news until a run that is not being trained counts as resting
LATE = 0.1  # seconds that a look may take until others need not wait for its end
MOST_LANES = 8
LONGEST_BREAK = 8.0  # seconds between two looks that failed
IDLE = 30.0  # seconds that a lane without runs lives on
Deliver = Callable[[News | Exception], None]


@dataclass(eq=False)
class Watch:
    """A run that somebody watches. `deliver` gets news, or why none could be had; it is called in the lane's thread."""

    poller: FolderPoller
    deliver: Deliver
    due: float = 0.0
    moved: float = field(default_factory=time.monotonic)
    failures: int = 0

    def look(self) -> None:
        """Look once, tell what is new, and decide when to look again."""
        try:
            news: News | Exception = self.poller.look()
        except Exception as error:  # whatever it is: others are watched by the same thread, and this run again later
            if not isinstance(error, (OSError, ValueError, MemoryError)):
                traceback.print_exc(file=sys.stderr)
            news = error
        failed = isinstance(news, Exception) or news.trouble is not None
        recovered = self.failures > 0 and not failed
        self.failures = self.failures + 1 if failed else 0
        now = time.monotonic()
        if failed:
            self.due = now + min(LONGEST_BREAK, QUICK * 4.0 ** min(self.failures, 8))
        if isinstance(news, Exception) or news.any or recovered:
            self.moved = now
            self.deliver(news)

    def moves(self, now: float) -> bool:
        """Whether its run changes: then it is looked at more often."""
        return self.poller.running or now - self.moved < REST


class Lane:
    """A thread and the runs that it looks at."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.watches: dict[Watch, None] = {}
        self.begun = 0.0  # of the look under way
        self.looking: Watch | None = None
        self.alone: Watch | None = None  # it was late once, so nobody else is put here
        self.over = False
        self._lock = threading.Lock()
        self._changed = threading.Event()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def put(self, watch: Watch) -> bool:
        """One more run; False when the thread has ended in the meantime."""
        with self._lock:
            if not self.over:
                self.watches[watch] = None
        self._changed.set()
        return not self.over

    def take(self, watch: Watch) -> None:
        """It need not look at this one any more."""
        with self._lock:
            self.watches.pop(watch, None)

    def late(self, now: float) -> Watch | None:
        """The run that it has been looking at for long."""
        watch = self.looking
        return watch if watch is not None and now - self.begun > LATE else None

    def _work(self) -> None:
        empty_since = time.monotonic()
        while True:
            with self._lock:
                watches = list(self.watches)
                now = time.monotonic()
                if watches:
                    empty_since = now
                elif now - empty_since > IDLE:
                    self.over = True
                    return
            self._changed.clear()
            moving = sum(watch.moves(now) for watch in watches)
            for watch in watches:
                if watch.due <= now and watch in self.watches:
                    self._look(watch, max(QUICK, CROWD * moving), now)
            rest = min((watch.due for watch in watches), default=now + IDLE / 2) - time.monotonic()
            self._changed.wait(max(0.0005, rest))

    def _look(self, watch: Watch, quick: float, tick: float) -> None:
        self.begun, self.looking = time.monotonic(), watch
        try:
            watch.look()
        finally:
            self.looking = None
        if not watch.failures:
            watch.due = tick + (quick if watch.moves(tick) else SLOW)


class Lanes:
    """Called from the event loop alone; nothing in here waits."""

    def __init__(self) -> None:
        self._lanes: list[Lane] = []
        self._where: dict[Watch, Lane] = {}
        self._count = 0

    def add(self, watch: Watch) -> None:
        """Look at this run from now on."""
        while True:
            lane = self._lane()
            if lane.put(watch):
                self._where[watch] = lane
                return

    def remove(self, watch: Watch) -> None:
        """Nobody watches it any more. A lane that it kept for itself ends by and by."""
        if lane := self._where.pop(watch, None):
            lane.take(watch)

    def part(self) -> None:
        """Where a look takes long, give the other runs of its lane another one. Call it ten times a second."""
        now = time.monotonic()
        for lane in list(self._lanes):
            watch = lane.late(now)
            if watch is None:
                continue
            lane.alone = watch
            others = [other for other in lane.watches if other is not watch]
            target = self._lane() if others else lane
            for other in others if target is not lane else []:
                lane.take(other)
                if target.put(other):
                    self._where[other] = target

    def __len__(self) -> int:
        return len(self._where)

    def _lane(self) -> Lane:
        """One that is shared; a new one where all are kept by slow runs; the least used when there are enough."""
        now = time.monotonic()
        self._lanes = [lane for lane in self._lanes if not lane.over]
        free = [lane for lane in self._lanes if lane.late(now) is None and lane.alone not in lane.watches]
        if free:
            return free[0]
        if len(self._lanes) >= MOST_LANES:
            return min(self._lanes, key=lambda lane: len(lane.watches))
        self._count += 1
        self._lanes.append(Lane(f"looks-{self._count}"))
        return self._lanes[-1]
