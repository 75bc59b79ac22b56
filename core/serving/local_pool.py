"""The pool of this machine: warm processes, started when they are due and replaced when they die. See `WorkerPool`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from core.serving.keeper import Keeper
from core.serving.messages import Ended, Job, Message, Stop
from core.serving.pool import OnMessage
from core.serving.slots import MODULES, NICENESS, Launch, Slot, Slots
from core.serving.worker_process import WorkerProcess

PERIOD = 0.5  # seconds between looks at what is due
FINISHED = ("done", "made", "answer")  # after these a process has shown that it can work


class LocalPool:
    """`count` workers, and perhaps a projector and an answerer. A lock of its own, under which nothing waits."""

    def __init__(
        self,
        count: int,
        projects: bool = True,
        answers: bool = True,
        launch: Launch = WorkerProcess,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.count = count
        self.slots = Slots(count, projects, answers, clock)
        self._launch = launch
        self._lock = threading.Lock()
        self._keeper = Keeper("pool-keeper", self.tick, PERIOD)
        self._on_message: OnMessage = _nobody

    def start(self, on_message: OnMessage) -> None:
        """Returns at once; the processes report when they are ready."""
        self._on_message = on_message
        self._keeper.start()

    def devices(self) -> dict[str, str]:
        """place -> device of the workers that take jobs now."""
        with self._lock:
            alive = [slot for slot in self.slots.workers if slot.process and slot.device and slot.process.alive]
            return {slot.place: str(slot.device) for slot in alive}

    def submit(self, place: str, job: Job) -> bool:
        """False where no process is ready there."""
        with self._lock:
            slot = self.slots.at(place)
            if slot is None:
                return False
            if slot.process is None or slot.device is None or not slot.process.alive:
                return False
            slot.process.send(job)
            return True

    def prepare(self, place: str) -> None:
        """Have the process of this place started, if there is to be one."""
        with self._lock:
            slot = self.slots.at(place)
            first = slot is not None and self.slots.need(slot)
        if first:
            self._keeper.wake()

    def stop(self, place: str, run: str) -> bool:
        """To the worker; it reads while it trains."""
        return self.submit(place, Stop(type="stop", run=run))

    def hurry(self) -> None:
        """Try again what rests."""
        with self._lock:
            rests = self.slots.hurry()
        if rests:
            self._keeper.wake()

    @property
    def broken(self) -> bool:
        """Whether worker after worker died before it was ready."""
        with self._lock:
            return self.slots.broken

    def close(self) -> None:
        """Let all go; they finish what they do and end by themselves."""
        with self._lock:
            self.slots.close()
        self._keeper.stop()

    def tick(self) -> None:
        """Start processes that are due, and end those that hang at their start."""
        with self._lock:
            due, late = self.slots.due(), self.slots.late()
        for process in late:
            process.kill()
        for slot in due:
            process_or_none = self._start(slot)  # takes time: no lock
            with self._lock:
                self.slots.settle(slot, process_or_none)
                early = slot.process is not None and slot.device is not None
            if early:  # it was ready before it had its place
                self._on_message(slot.place, {"type": "ready", "device": str(slot.device)})

    def _start(self, slot: Slot) -> WorkerProcess | None:
        try:
            return self._launch(MODULES[slot.kind], NICENESS[slot.kind], partial(self._receive, slot))
        except OSError:  # no memory, no handles: like one that died at once
            return None

    def _receive(self, slot: Slot, process: WorkerProcess, message: Message | None) -> None:
        """A line from a process, or None when it ended; in that process's own thread."""
        if message is None:
            self._end(slot, process)
            return
        with self._lock:
            placed = slot.process is process
            if message["type"] == "ready":
                slot.device = message["device"]
                self.slots.got_ready(slot)
            elif placed and message["type"] in FINISHED:
                self.slots.finished_something(slot)
        if placed:
            self._on_message(slot.place, message)

    def _end(self, slot: Slot, process: WorkerProcess) -> None:
        """Who waits is told before the next process takes the place, so that no two are mixed up."""
        key, values = process.cause()
        if slot.process is process:
            self._on_message(slot.place, Ended(type="ended", key=key, values=values))
        with self._lock:
            self.slots.ended(slot, process)
        self._keeper.wake()


def _nobody(place: str, message: Message) -> None:
    """Before `start` there is nobody to tell."""
