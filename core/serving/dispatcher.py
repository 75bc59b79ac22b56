"""Gives idle workers what is due, hears what they say, and sees to those that die.

Two locks. `lock` guards what is in memory: pages and the server's sockets wait for it, so it is held for microseconds, and
nothing that may wait (a folder, a process) happens under it. `disk` lets one thread at a time change what run folders
say of the queue; it is taken before `lock`, never within. What a process says is heard in that process's own thread.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

from core.errors import RunError
from core.runs import Runs
from core.serving.job_queue import JobQueue, Limits, Place
from core.serving.keeper import Clerk, Keeper
from core.serving.pictures import Pictures
from core.serving.queue_folders import QueueFolders
from core.serving.room import Room
from core.serving.run_times import RunTimes
from core.serving.task_queue import TaskQueue
from core.serving.tasks import Task
from core.serving.worker_pool import PROJECTOR, WorkerPool
from core.serving.worker_process import WorkerProcess

PERIOD = 0.5  # seconds between the keeper's looks
FATAL = 2  # workers that a task may end


class Dispatcher:
    """Queue, processes and folders of one server."""

    def __init__(self, runs: Runs, count: int, projects: bool, limits: Limits | None) -> None:
        self.count = count
        self.lock, self.disk = threading.RLock(), threading.RLock()
        self.queue, self.times, self.tasks = JobQueue(limits), RunTimes(), TaskQueue(runs.root)
        self.folders = QueueFolders(runs)
        self.pool = WorkerPool(count, projects, self.on_message)
        self.pictures = Pictures(self.folders, lambda: self.pool.projector)
        self.clerk = Clerk("executor-clerk")
        self.room = Room(runs, self.clerk)
        self.unwatched: set[str] = set()  # runs that nobody will look at while they train
        self._keeper = Keeper("executor-keeper", self._tick, PERIOD)
        self._places: dict[str, Place] | None = None  # of the line as it stands; made when somebody asks
        self._fatal: deque[str] = deque(maxlen=100)  # tasks that ended a worker
        self._started = self._closed = False

    def start(self) -> None:
        """Returns at once; the processes report when they are ready. RunError where the folder cannot be written."""
        if self._started:
            return
        with self.disk:
            if not self._started:
                self.folders.hold()
                self._started = True
                self._keeper.start()
                self.clerk.do(self._look_back)

    def hurry(self) -> None:
        """A person waits: what rests after it died too often is tried once more."""
        with self.lock:
            rests = self.pool.hurry()
        if rests:
            self._keeper.wake()

    def dispatch(self) -> None:
        """Give idle workers what is due: a table or an answer, which take little time, before the next run."""
        with self.lock:
            self._places = None
            for worker in self.pool.idle():
                if job := self._next_task():
                    worker.busy, worker.task = True, job
                    worker.send(job)
                elif jobs := self.queue.take(self.count):
                    self._train(worker, [job.run for job in jobs])

    def place(self, run: str) -> Place | None:
        """Where a queued run stands, None when it is not queued."""
        with self.lock:
            if self._places is None:
                ahead = [self._remaining(worker.jobs) for worker in self.pool.workers if worker.jobs]
                self._places = self.queue.places(ahead, self.count, self.times.expected)
            return self._places.get(run)

    def moved(self) -> None:
        """The line is another one."""
        self._places = None

    def under_way(self, task: Task) -> bool:
        """Whether a worker does this task now."""
        return any(worker.task == task for worker in self.pool.workers)

    def close(self) -> None:
        """Let go. Workers finish the run under way and end by themselves; queued runs show as stopped."""
        with self.lock:
            self._closed = True
            self.pool.close()
        self._keeper.stop()
        self.clerk.stop()
        self.folders.release()

    def on_message(self, process: WorkerProcess, message: dict[str, Any] | None) -> None:
        """A line from a process, or None when it ended."""
        if message is None:
            self._died(process)
        elif "ready" in message:
            with self.lock:
                self.pool.got_ready(process)
            if process.module == PROJECTOR:
                self.pictures.back()
        elif "done" in message:
            self._done(process, str(message["done"]), bool(message.get("together")))
        elif "made" in message:
            with self.lock:
                process.busy, process.task = False, None
                self.pool.finished_something(process)
        elif "failed" in message:
            self.pictures.failed(str(message["failed"]), message.get("error"))
        self.dispatch()

    def _train(self, worker: WorkerProcess, runs: list[str]) -> None:
        worker.busy, worker.jobs = True, runs
        worker.send({"job": "train", "folders": [str(self.folders.root / run) for run in runs]})
        for run in runs:
            if run not in self.unwatched:
                self.pictures.watch(run)

    def _next_task(self) -> Task | None:
        """One that has ended workers is left out: the next worker would die of it too."""
        while job := self.tasks.next():
            if self._fatal.count(_text(job)) < FATAL:
                return job
        return None

    def _done(self, process: WorkerProcess, run: str, gains: bool) -> None:
        group = self.folders.group(run) if gains else None
        with self.lock:
            self._end(run)
            process.jobs = [job for job in process.jobs if job != run]
            process.busy = bool(process.jobs)
            self.pool.finished_something(process)
            self.queue.gaining |= {group} if group else set()
        self.clerk.do(partial(self._learn, run))

    def _died(self, process: WorkerProcess) -> None:
        """Its runs are over, for the people who watch them too; another process takes its place."""
        key, values = process.cause()
        with self.lock:
            runs, process.jobs = process.jobs, []
            for run in runs:
                self._end(run)
            if process.task:
                self._fatal.append(_text(process.task))
                process.task = None
            self.pool.died(process)
            training = {run for worker in self.pool.workers for run in worker.jobs}
        if self._closed:
            return
        self._keeper.wake()
        for run in runs:
            self._write_reason(run, RunError(key, name=run, **values))
        if process.module == PROJECTOR:
            self.pictures.gone(training)

    def _write_reason(self, run: str, error: RunError) -> None:
        with self.disk:
            with self.lock:
                again = self.queue.waits(run)  # somebody was quicker
            if not again:
                self.folders.write_reason(run, error)

    def _end(self, run: str) -> None:
        self.queue.ended(run)
        self.times.left.pop(run, None)
        self.unwatched.discard(run)
        self.tasks.ended(run)

    def _tick(self) -> None:
        """The keeper's look: start processes that are due, end those that hang, hear how long what trains will take."""
        with self.lock:
            slots, late = self.pool.due(), self.pool.late()
        for process in late:
            process.kill()
        for slot in slots:
            process_or_none = self.pool.launch(slot)
            with self.lock:
                self.pool.settle(slot, process_or_none)
        if slots:
            self.dispatch()  # one may have been ready before it had its place
        self._give_up_if_broken()
        self._look_at_training()

    def _look_at_training(self) -> None:
        with self.lock:
            runs = [run for worker in self.pool.workers for run in worker.jobs] if len(self.queue) else []
        left = {run: self.folders.seconds_left(run) for run in runs}
        if left:
            with self.lock:
                self.times.left = left
                self._places = None

    def _give_up_if_broken(self) -> None:
        """Nobody is left to train what waits: say so on each run, and let it be asked for again."""
        if not self.pool.broken:
            return
        with self.disk:
            with self.lock:
                waiting = self.queue.clear()
                for run in waiting:
                    self._end(run)
                self._places = None
            for run in waiting:
                self.folders.write_reason(run, RunError("no_worker"))

    def _look_back(self) -> None:
        """What servers that are gone left, and how long runs have taken here."""
        with suppress(OSError):
            self.folders.sweep()
            self.room.measure()
        for history in self.folders.histories():
            with self.lock:
                self.times.learn(*history)

    def _learn(self, run: str) -> None:
        with suppress(OSError):
            self.room.measure()
        if history := self.folders.history(run):
            with self.lock:
                self.times.learn(*history)

    def _remaining(self, runs: list[str]) -> float | None:
        """Seconds that a worker still needs for these, which it trains together; None where it is not known."""
        training = [job for job in map(self.queue.training, runs) if job]
        left = [self.times.remaining(job) for job in training]
        known = [seconds for seconds in left if seconds is not None]
        return max(known) if known and len(known) == len(left) else None


def _text(task: Task) -> str:
    return json.dumps(task, sort_keys=True, default=str)
