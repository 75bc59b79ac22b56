"""The warm processes: started, replaced when they die, with longer and longer pauses for one that dies again and again.

A place of the pool has one process at a time. Who watches the time calls `tick` (the executor's keeper); nothing in here
waits, and starting a process is done outside of any lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.serving.worker_process import WorkerProcess

PATIENT_TRIES = 6  # starts in vain for want of memory or handles, half a minute, until that counts like a death
TRIES = 3  # workers that may end before they are ready, one after another, until nobody waits for them any more
LONGEST_PAUSE = 60.0  # seconds between two starts
STEADY = 60.0  # seconds of life after which earlier deaths are forgotten
START_PATIENCE = 300.0  # seconds that a process may take to get ready; torch from a cold network disk takes one minute
WORKER, PROJECTOR = "core.serving.worker", "core.serving.projector"
OnMessage = Callable[[WorkerProcess, dict[str, Any] | None], None]
Launch = Callable[[str, OnMessage], WorkerProcess]


def pause(deaths: int) -> float:
    """Seconds until the next start after so many deaths in a row: 0, 1, 2, 4 ... 60."""
    return 0.0 if deaths <= 1 else min(LONGEST_PAUSE, 2.0 ** min(deaths - 2, 10))


@dataclass(eq=False)
class Slot:
    """A place of the pool."""

    module: str
    process: WorkerProcess | None = None
    starting: bool = False  # somebody is about to start its process
    deaths: int = 0  # in a row
    due: float = 0.0  # when the next process may be started
    begun: float = 0.0  # when this one was


class WorkerPool:
    """`count` workers, and perhaps a projector. Called under the executor's lock, all but `launch`."""

    def __init__(
        self,
        count: int,
        projects: bool,
        on_message: OnMessage,
        launch: Launch = WorkerProcess,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_message, self._launch, self._clock = on_message, launch, clock
        self.slots = [Slot(WORKER) for _ in range(count)]
        self.projection = Slot(PROJECTOR) if projects else None
        self.failed_starts = 0  # workers in a row that ended before they were ready
        self.closed = False

    @property
    def workers(self) -> list[WorkerProcess]:
        """Those that live, or are not yet known to be dead."""
        return [slot.process for slot in self.slots if slot.process is not None]

    @property
    def projector(self) -> WorkerProcess | None:
        """The process that makes pictures, where one lives."""
        return self.projection.process if self.projection else None

    @property
    def ready(self) -> bool:
        """Whether a worker is warm."""
        return any(worker.ready for worker in self.workers)

    @property
    def broken(self) -> bool:
        """Whether worker after worker died before it was ready. They are still tried now and then."""
        return self.failed_starts > TRIES and not self.ready

    def idle(self) -> Iterator[WorkerProcess]:
        """Workers that wait for a job."""
        return (worker for worker in self.workers if worker.idle)

    def due(self) -> list[Slot]:
        """Places whose process is to be started now; the caller launches them without a lock."""
        now = self._clock()
        found = [] if self.closed else [p for p in self._all() if not (p.process or p.starting) and p.due <= now]
        for slot in found:
            slot.starting, slot.begun = True, now
        return found

    def launch(self, slot: Slot) -> WorkerProcess | None:
        """Start a process for this place: the one thing in here that takes time. None where none can be had."""
        try:
            return self._launch(slot.module, self._on_message)
        except OSError:  # no memory, no handles: like one that died at once
            return None

    def settle(self, slot: Slot, process: WorkerProcess | None) -> None:
        """What `launch` gave takes its place."""
        slot.process, slot.starting = process, False
        if process is None or process.ended:  # ended before it had its place
            self._vacate(slot, process)
        elif self.closed:
            process.close()

    def late(self) -> list[WorkerProcess]:
        """Processes that should have been ready long ago; the caller ends them."""
        now = self._clock()
        return [
            slot.process
            for slot in self._all()
            if slot.process and not slot.process.ready and not slot.process.late and now - slot.begun > START_PATIENCE
        ]

    def got_ready(self, process: WorkerProcess) -> None:
        """A worker can start here: whatever ended those before it, it is not the installation."""
        if process.module == WORKER:
            self.failed_starts = 0

    def finished_something(self, process: WorkerProcess) -> None:
        """Earlier deaths are forgotten."""
        for slot in self._all():
            if slot.process is process:
                slot.deaths = 0

    def died(self, process: WorkerProcess) -> None:
        """A process ended; its place gets another one after a pause."""
        for slot in self._all():
            if slot.process is process:
                self._vacate(slot, process)

    def hurry(self) -> bool:
        """A person asks: what rests after many deaths is tried once more at once, so that a broken installation is said soon."""
        rests = self.failed_starts > TRIES
        if rests:
            self.failed_starts = TRIES
            for slot in self.slots:
                slot.due = self._clock()
        return rests

    def close(self) -> None:
        """Let all go; they end when they have finished what they do."""
        self.closed = True
        for slot in self._all():
            if slot.process:
                slot.process.close()

    def _all(self) -> list[Slot]:
        return [*self.slots, *([self.projection] if self.projection else [])]

    def _vacate(self, slot: Slot, process: WorkerProcess | None) -> None:
        now, was_ready = self._clock(), process is not None and process.was_ready
        slot.deaths = 1 if was_ready and now - slot.begun > STEADY else slot.deaths + 1
        slot.process, slot.due = None, now + pause(slot.deaths)
        if slot.module == WORKER and not was_ready and (process is not None or slot.deaths > PATIENT_TRIES):
            self.failed_starts += 1
