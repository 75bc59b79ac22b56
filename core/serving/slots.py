"""The places of a pool on this machine: whose process is to be started when, with longer and longer pauses for one that dies
again and again. No threads, no processes of its own, and the clock is given: `LocalPool` starts what is due.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from core.serving.pool import ANSWERER, PROJECTOR
from core.serving.worker_process import OnLine, WorkerProcess

PATIENT_TRIES = 6  # starts in vain for want of memory or handles, half a minute, until that counts like a death
TRIES = 3  # workers that may end before they are ready, one after another, until nobody waits for them any more
LONGEST_PAUSE = 60.0  # seconds between two starts
STEADY = 60.0  # seconds of life after which earlier deaths are forgotten
START_PATIENCE = 300.0  # seconds that a process may take to get ready; torch from a cold network disk takes one minute
WORKER = "worker"  # places are named "worker-1", "worker-2", ...
MODULES = {
    WORKER: "core.serving.worker",
    PROJECTOR: "core.serving.projector",
    ANSWERER: "core.serving.answerer",
}
NICENESS = {
    WORKER: 5,
    PROJECTOR: 5,
    ANSWERER: 0,
}  # of POSIX's nice: who trains steps back for the server and for answers
Launch = Callable[[str, int, OnLine], WorkerProcess]  # module, niceness, who reads what it writes


def pause(deaths: int) -> float:
    """Seconds until the next start after so many deaths in a row: 0, 1, 2, 4 ... 60."""
    return 0.0 if deaths <= 1 else min(LONGEST_PAUSE, 2.0 ** min(deaths - 2, 10))


@dataclass(eq=False)
class Slot:
    """A place of the pool."""

    place: str
    kind: str  # "worker", "projector" or "answerer"
    process: WorkerProcess | None = None
    starting: bool = False  # somebody is about to start its process
    wanted: bool = True  # False: no process until somebody needs one
    device: str | None = None  # what the process reported when it was ready
    deaths: int = 0  # in a row
    due: float = 0.0  # when the next process may be started
    begun: float = 0.0  # when this one was


class Slots:
    """Not thread-safe: the pool calls it under its lock."""

    def __init__(self, count: int, projects: bool, answers: bool, clock: Callable[[], float] = time.monotonic) -> None:
        """`count` workers; a projector and an answerer where they are wanted, the latter once it is `need`ed."""
        self._clock = clock
        self.all = [Slot(f"{WORKER}-{number}", WORKER) for number in range(1, count + 1)]
        self.all += [Slot(PROJECTOR, PROJECTOR)] if projects else []
        self.all += [Slot(ANSWERER, ANSWERER, wanted=False)] if answers else []
        self.failed_starts = 0  # workers in a row that ended before they were ready
        self.closed = False

    def at(self, place: str) -> Slot | None:
        """The slot of that name."""
        return next((slot for slot in self.all if slot.place == place), None)

    @property
    def workers(self) -> list[Slot]:
        """Those that train."""
        return [slot for slot in self.all if slot.kind == WORKER]

    @property
    def broken(self) -> bool:
        """Whether worker after worker died before it was ready. They are still tried now and then."""
        return self.failed_starts > TRIES and not any(slot.process and slot.process.ready for slot in self.workers)

    def due(self) -> list[Slot]:
        """Places whose process is to be started now; the caller launches them without a lock."""
        now = self._clock()
        due = (
            [] if self.closed else [s for s in self.all if s.wanted and not (s.process or s.starting) and s.due <= now]
        )
        for slot in due:
            slot.starting, slot.begun, slot.device = True, now, None
        return due

    def settle(self, slot: Slot, process: WorkerProcess | None) -> None:
        """A process that was launched takes its place; None: there was none to be had."""
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
            for slot in self.all
            if slot.process and not slot.process.ready and not slot.process.late and now - slot.begun > START_PATIENCE
        ]

    def got_ready(self, slot: Slot) -> None:
        """A worker can start here: whatever ended those before it, it is not the installation."""
        if slot.kind == WORKER:
            self.failed_starts = 0

    def finished_something(self, slot: Slot) -> None:
        """Earlier deaths are forgotten."""
        slot.deaths = 0

    def ended(self, slot: Slot, process: WorkerProcess) -> None:
        """A process ended; its place gets another one after a pause."""
        if slot.process is process:
            self._vacate(slot, process)

    def need(self, slot: Slot) -> bool:
        """Somebody needs this place; whether its process is to be started for that."""
        first, slot.wanted = not slot.wanted, True
        return first

    def hurry(self) -> bool:
        """A person asks: what rests after many deaths is tried once more at once, so that a broken installation is known soon."""
        rests = self.failed_starts > TRIES
        if rests:
            self.failed_starts = TRIES
            for slot in self.workers:
                slot.due = self._clock()
        return rests

    def close(self) -> None:
        """Let all go; they end when they have finished what they do."""
        self.closed = True
        for slot in self.all:
            if slot.process:
                slot.process.close()

    def _vacate(self, slot: Slot, process: WorkerProcess | None) -> None:
        now, was_ready = self._clock(), process is not None and process.was_ready
        slot.deaths = 1 if was_ready and now - slot.begun > STEADY else slot.deaths + 1
        slot.process, slot.due = None, now + pause(slot.deaths)
        if slot.kind == WORKER and not was_ready and (process is not None or slot.deaths > PATIENT_TRIES):
            self.failed_starts += 1
