"""Gives idle workers the next job, handles what they report, and cleans up the runs of workers that end.

Two locks. `lock` guards what is in memory: pages and the server's sockets wait for it, so it is held for microseconds, and
nothing that may wait (a folder, a process) happens under it. `disk` lets one thread at a time change what run folders
say of the queue; it is taken before `lock`, never within. Messages come in threads of the pool.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from core.config.device import report
from core.errors import RunError
from core.runs import Runs
from core.serving import fatal_tasks
from core.serving.job_queue import JobQueue, Limits, Place
from core.serving.keeper import Clerk, Keeper
from core.serving.messages import Ended, Message, RunDone, Task, Train
from core.serving.pictures import Pictures
from core.serving.pool import ANSWERER, PROJECTOR, WorkerPool
from core.serving.questions import Questions
from core.serving.queue_folders import QueueFolders
from core.serving.room import Room
from core.serving.run_times import RunTimes
from core.serving.task_queue import TaskQueue

PERIOD = 0.5  # seconds between the keeper's looks


@dataclass(eq=False)
class Work:
    """What a worker has in hand: runs (one, or seeds together), or a task."""

    runs: list[str] = field(default_factory=list)
    task: Task | None = None


class Dispatcher:
    """Queue, pool and folders of one server."""

    def __init__(self, runs: Runs, pool: WorkerPool, limits: Limits | None) -> None:
        self.pool = pool
        self.lock, self.disk = threading.RLock(), threading.RLock()
        self.queue, self.times, self.tasks = JobQueue(limits), RunTimes(), TaskQueue(runs.root)
        self.folders = QueueFolders(runs)
        self.pictures = Pictures(self.folders, pool)
        self.questions = Questions(pool)
        self.work: dict[str, Work] = {}  # place -> what it does
        self.clerk = Clerk("executor-clerk")
        self.room = Room(runs, self.clerk)
        self.unwatched: set[str] = set()  # runs that nobody will look at while they train
        self._keeper = Keeper("executor-keeper", self._tick, PERIOD)
        self._places: dict[str, Place] | None = None  # of the line as it stands; made when somebody asks
        self._fatal = fatal_tasks.FatalTasks()
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
                self.pool.start(self.on_message)
                self.clerk.do(self._look_back)
                self.clerk.do(partial(fatal_tasks.forget, self.folders.root))

    def hurry(self) -> None:
        """A person waits: what rests after it died too often is tried once more."""
        self.pool.hurry()

    def dispatch(self) -> None:
        """Give idle workers what is due: a table or an answer, which take little time, before the next run."""
        with self.lock:
            self._places = None
            for place in self.pool.devices():
                if place in self.work:
                    continue
                if task := self._next_task():
                    self.work[place] = Work(task=task)
                    self.pool.submit(place, task)
                elif jobs := self.queue.take(self.pool.count):
                    self._train(place, [job.run for job in jobs])

    def place(self, run: str) -> Place | None:
        """Where a queued run stands, None when it is not queued."""
        with self.lock:
            if self._places is None:
                ahead = [self.times.together(map(self.queue.training, w.runs)) for w in self.work.values() if w.runs]
                self._places = self.queue.places(ahead, self.pool.count, self.times.expected)
            return self._places.get(run)

    def moved(self) -> None:
        """The line is another one."""
        self._places = None

    def under_way(self, task: Task) -> bool:
        """Whether a worker has this task in hand."""
        return any(work.task == task for work in self.work.values())

    def stop(self, run: str) -> bool:
        """Ask the worker that trains this run to end it; False where none of ours does."""
        with self.lock:
            place = next((place for place, work in self.work.items() if run in work.runs), None)
            return place is not None and self.pool.stop(place, run)

    def close(self) -> None:
        """Let go. Workers finish the run under way and end by themselves; queued runs show as stopped."""
        self._closed = True
        self.pool.close()
        self._keeper.stop()
        self.clerk.stop()
        self.folders.release()
        report(None)

    def on_message(self, place: str, message: Message) -> None:
        """What came from a place of the pool."""
        if message["type"] == "ended":
            self._ended(place, message)
        elif message["type"] == "ready":
            self._ready(place, message["device"])
        elif message["type"] == "done":
            self._done(place, message)
        elif message["type"] == "made":
            with self.lock:
                self.work.pop(place, None)
        elif message["type"] == "failed":
            self.pictures.failed(message["run"], message["error"])
        elif message["type"] == "answer":
            self.questions.answered(message)
        self.dispatch()

    def _ready(self, place: str, device: str) -> None:
        if place == PROJECTOR:
            self.pictures.back()
        elif place == ANSWERER:
            self.questions.ready()
        else:
            report(device)

    def _train(self, place: str, runs: list[str]) -> None:
        self.work[place] = Work(runs)
        self.pool.submit(place, Train(type="train", folders=[str(self.folders.root / run) for run in runs]))
        for run in runs:
            if run not in self.unwatched:
                self.pictures.watch(run)

    def _next_task(self) -> Task | None:
        """One that has ended workers is left out: the next worker would die of it too."""
        while task := self.tasks.next():
            if task not in self._fatal:
                return task
            self.clerk.do(partial(fatal_tasks.write_problem, task))
        return None

    def _done(self, place: str, message: RunDone) -> None:
        run = message["run"]
        group = self.folders.group(run) if message.get("together") else None
        with self.lock:
            self._end(run)
            work = self.work.get(place, Work())
            work.runs = [other for other in work.runs if other != run]
            if not work.runs:
                self.work.pop(place, None)
            self.queue.gaining |= {group} if group else set()
        self.clerk.do(partial(self._learn, run))

    def _ended(self, place: str, message: Ended) -> None:
        """Its runs are over, for the people who watch them too."""
        with self.lock:
            work = self.work.pop(place, Work())
            for run in work.runs:
                self._end(run)
            if work.task:
                self._fatal.ended_worker(work.task)
            training = {run for other in self.work.values() for run in other.runs}
        if self._closed:
            return
        self._keeper.wake()
        for run in work.runs:
            self._write_reason(run, RunError(message["key"], name=run, **message["values"]))
        if place == PROJECTOR:
            self.pictures.gone(training)
        elif place == ANSWERER:
            self.questions.gone()

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
        """The keeper's look: how long what trains will take, and whether anybody is left to train."""
        self._give_up_if_broken()
        self._look_at_training()

    def _look_at_training(self) -> None:
        with self.lock:
            runs = [run for work in self.work.values() for run in work.runs] if len(self.queue) else []
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
