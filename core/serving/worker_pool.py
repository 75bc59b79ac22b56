"""The warm processes: started, replaced when they die, with longer and longer pauses for one that dies again and again.

A place of the pool has one process at a time. Who watches the time calls `tick` (the executor's keeper); nothing in here
waits, and starting a process is done outside of any lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.serving.worker_process import Child

PATIENT_TRIES = 6  # starts in vain for want of memory or handles, half a minute, until that counts like a death
TRIES = 3  # workers that may end before they are ready, one after another, until nobody waits for them any more
LONGEST_PAUSE = 60.0  # seconds between two starts
STEADY = 60.0  # seconds of life after which earlier deaths are forgotten
START_PATIENCE = 300.0  # seconds that a process may take to get ready; torch from a cold network disk takes one minute
WORKER, PROJECTOR = "core.serving.worker", "core.serving.projector"
Heard = Callable[[Child, dict[str, Any] | None], None]
Launch = Callable[[str, Heard], Child]


def pause(deaths: int) -> float:
    """Seconds until the next start after so many deaths in a row: 0, 1, 2, 4 ... 60."""
    return 0.0 if deaths <= 1 else min(LONGEST_PAUSE, 2.0 ** min(deaths - 2, 10))


@dataclass(eq=False)
class Post:
    """A place of the pool."""

    module: str
    child: Child | None = None
    starting: bool = False  # somebody is about to start its process
    deaths: int = 0  # in a row
    due: float = 0.0  # when the next process may be started
    begun: float = 0.0  # when this one was


class WorkerPool:
    """`count` workers, and perhaps a projector. Called under the executor's lock, all but `launch`."""

    def __init__(
        self,
        count: int,
        paints: bool,
        heard: Heard,
        launch: Launch = Child,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._heard, self._launch, self._clock = heard, launch, clock
        self.posts = [Post(WORKER) for _ in range(count)]
        self.projection = Post(PROJECTOR) if paints else None
        self.failed_starts = 0  # workers in a row that ended before they were ready
        self.closed = False

    @property
    def workers(self) -> list[Child]:
        """Those that live, or are not yet known to be dead."""
        return [post.child for post in self.posts if post.child is not None]

    @property
    def projector(self) -> Child | None:
        """The process that makes pictures, where one lives."""
        return self.projection.child if self.projection else None

    @property
    def ready(self) -> bool:
        """Whether a worker is warm."""
        return any(worker.ready for worker in self.workers)

    @property
    def broken(self) -> bool:
        """Whether worker after worker died before it was ready. They are still tried now and then."""
        return self.failed_starts > TRIES and not self.ready

    def idle(self) -> Iterator[Child]:
        """Workers that wait for a job."""
        return (worker for worker in self.workers if worker.idle)

    def due(self) -> list[Post]:
        """Places whose process is to be started now; the caller launches them without a lock."""
        now = self._clock()
        found = [] if self.closed else [p for p in self._all() if not (p.child or p.starting) and p.due <= now]
        for post in found:
            post.starting, post.begun = True, now
        return found

    def launch(self, post: Post) -> Child | None:
        """Start a process for this place: the one thing in here that takes time. None where none can be had."""
        try:
            return self._launch(post.module, self._heard)
        except OSError:  # no memory, no handles: like one that died at once
            return None

    def settle(self, post: Post, child: Child | None) -> None:
        """What `launch` gave takes its place."""
        post.child, post.starting = child, False
        if child is None or child.ended:  # ended before it had its place
            self._vacate(post, child)
        elif self.closed:
            child.close()

    def late(self) -> list[Child]:
        """Processes that should have been ready long ago; the caller ends them."""
        now = self._clock()
        return [
            post.child
            for post in self._all()
            if post.child and not post.child.ready and not post.child.late and now - post.begun > START_PATIENCE
        ]

    def got_ready(self, child: Child) -> None:
        """A worker can start here: whatever ended those before it, it is not the installation."""
        if child.module == WORKER:
            self.failed_starts = 0

    def finished_something(self, child: Child) -> None:
        """Earlier deaths are forgotten."""
        for post in self._all():
            if post.child is child:
                post.deaths = 0

    def died(self, child: Child) -> None:
        """A process ended; its place gets another one after a pause."""
        for post in self._all():
            if post.child is child:
                self._vacate(post, child)

    def hurry(self) -> bool:
        """A person asks: what rests after many deaths is tried once more at once, so that a broken installation is said soon."""
        rests = self.failed_starts > TRIES
        if rests:
            self.failed_starts = TRIES
            for post in self.posts:
                post.due = self._clock()
        return rests

    def close(self) -> None:
        """Let all go; they end when they have finished what they do."""
        self.closed = True
        for post in self._all():
            if post.child:
                post.child.close()

    def _all(self) -> list[Post]:
        return [*self.posts, *([self.projection] if self.projection else [])]

    def _vacate(self, post: Post, child: Child | None) -> None:
        now, was_ready = self._clock(), child is not None and child.was_ready
        post.deaths = 1 if was_ready and now - post.begun > STEADY else post.deaths + 1
        post.child, post.due = None, now + pause(post.deaths)
        if post.module == WORKER and not was_ready and (child is not None or post.deaths > PATIENT_TRIES):
            self.failed_starts += 1
