"""Warm workers and one first-in-first-out queue, kept by the server. No torch in here: it hands folders to processes.

A run belongs to the people who asked for it; it is stopped when the last of them no longer needs it. A worker that
dies is replaced, and its run shows as stopped because its lock is free.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core import store
from core.child import Child
from core.compare.comparison import Comparison
from core.compare.desk import Desk, Job
from core.config import RunConfig
from core.errors import RunError
from core.runs import Runs, group_id, read_config, run_id

TRIES = 3  # processes that may end before they are ready, one after another


MOST_TOGETHER = 8  # seeds in one worker at a time
MOST_WORKERS = 4  # runs side by side: one a core, and they step back for the server (core/child.py)


@dataclass(frozen=True)
class Ticket:
    """What a click got: the run, and whether it was finished before ("reuse"), under way ("join"), or is now queued."""

    run: str
    action: str


@dataclass(frozen=True)
class Place:
    """A place in the queue: 1 is next. `seconds` is what those before it still need, where that is known."""

    position: int
    seconds: float | None


class Executor:
    """`start()`, then `submit(config, owner)`. Thread-safe: page scripts of many people call it."""

    def __init__(self, root: Path | str, workers: int | None = None, paints: bool = True) -> None:
        """`paints` False: no process that makes pictures, since nobody will look."""
        self.runs = Runs(root)
        self.count = workers or min(MOST_WORKERS, os.cpu_count() or 1)
        self._paints = paints
        self._queue: list[str] = []
        self._owners: dict[str, set[str]] = {}
        self._workers: list[Child] = []
        self._projector: Child | None = None
        self._lock = threading.RLock()
        self._server_lock = FileLock(self.runs.root / store.EXECUTOR_LOCK)
        self._desk = Desk(self.runs.root)
        self._unwatched: set[str] = set()
        self._gaining: set[str] = set()  # groups whose seeds are trained sooner together
        self._started = self._closed = False
        self._stillborn = 0  # processes in a row that ended before they were ready

    def start(self) -> None:
        """Start the warm processes; returns at once, they report when they are ready."""
        with self._lock:
            if self._started:
                return
            self._started = True
            with suppress(Timeout):  # a second server on the same folder: the first one's lock keeps "queued" true
                self._server_lock.acquire(timeout=0)
                self._forget_queue()
            self._workers = [Child("core.worker", self._heard) for _ in range(self.count)]
            self._projector = Child("core.projector", self._heard) if self._paints else None

    @property
    def ready(self) -> bool:
        """Whether a worker is warm."""
        return any(worker.ready for worker in self._workers)

    @property
    def broken(self) -> bool:
        """Whether worker after worker died before it was ready: nothing will be trained."""
        return self._stillborn > TRIES and all(worker.child.poll() is not None for worker in self._workers)

    def submit(self, config: RunConfig, owner: str = "", again: bool = False) -> Ticket:
        """Train this config, unless it has been: same choice, same run. RunError when the disk cap is reached."""
        with self._lock:
            self.start()
            self._revive()
            self.runs.check_room(keep={run_id(config)})
            ticket = self._admit(config, owner, again)
            self._dispatch()
            return ticket

    def compare(self, comparison: Comparison, owner: str = "") -> list[str]:
        """Train what a comparison lacks and keep its table up to date; its runs. Pictures are made of each first seed."""
        configs = comparison.configs()
        with self._lock:
            self.start()
            self._revive()
            self.runs.check_room(keep=set(comparison.runs))
            self._desk.open(comparison)
            tickets = [self._admit(config, owner) for config in configs]
            begun = [
                (c.seed, ticket.run) for c, ticket in zip(configs, tickets, strict=True) if ticket.action != "reuse"
            ]
            self._unwatched |= {run for seed, run in begun if seed != configs[0].seed}
            self._dispatch()
            return [ticket.run for ticket in tickets]

    def tabulate(self, comparison: Comparison) -> None:
        """Have a comparison's table made of what is there; nothing is trained."""
        with self._lock:
            self.start()
            self._desk.open(comparison)
            self._dispatch()

    def ask(self, question: Job) -> None:
        """Have a worker make what `question` asks for (core/compare/desk.py); nothing is trained."""
        with self._lock:
            self.start()
            self._revive()
            if not self._under_way(question):
                self._desk.want(question)
            self._dispatch()

    def asking(self, question: Job) -> bool:
        """Whether that waits for a worker, or is being made."""
        with self._lock:
            return self._desk.waits(question) or self._under_way(question)

    def stop(self, run: str, owner: str = "") -> bool:
        """This owner no longer needs the run. True when it was the last one, and the run stops."""
        with self._lock:
            owners = self._owners.get(run, set())
            owners.discard(owner)
            if owners:
                return False
            if run in self._queue:
                self._queue.remove(run)
                self._mark(run, "stopped")
            else:
                self.runs.stop(run)
            return True

    def place(self, run: str) -> Place | None:
        """Where a queued run stands, None when it is not queued."""
        with self._lock:
            if run not in self._queue:
                return None
            position = self._queue.index(run) + 1
            ahead = [w.jobs[0] for w in self._workers if w.jobs] + self._queue[
                : position - 1
            ]  # together: as long as one
            left = [self._seconds_left(name) for name in ahead]
            known = [value for value in left if value is not None]
            seconds = sum(known) / max(1, len(self._workers)) if len(known) == len(left) else None
            return Place(position, seconds)

    def watch(self, run: str) -> None:
        """Make the pictures that this run lacks: a run of the command line that somebody opens."""
        with self._lock:
            folder = store.find_run(self.runs.root, run)
            if self._projector and folder and not store.is_shipped(run):
                self._projector.send({"watch": str(folder)})

    def close(self) -> None:
        """Let go. Workers finish the run under way and end by themselves; queued runs show as stopped."""
        with self._lock:
            self._closed = True
            for process in [*self._workers, *([self._projector] if self._projector else [])]:
                process.close()
            self._server_lock.release()

    def _admit(self, config: RunConfig, owner: str, again: bool = False) -> Ticket:
        folder, action = self.runs.open(config, again)
        if action != "reuse":
            self._owners.setdefault(folder.name, set()).add(owner)
        if action in ("new", "resume"):
            self._enqueue(folder)
        return Ticket(folder.name, action)

    def _enqueue(self, folder: Path) -> None:
        self._mark(folder.name, "queued")
        self._queue.append(folder.name)

    def _mark(self, run: str, status: str, **more: Any) -> None:
        path = self.runs.root / run / "status.json"
        fresh = {"status": status, "seconds_left": None, "message": "", "error": None}
        store.write_json(path, {**store.read_table(path), **fresh, **more})

    def _dispatch(self) -> None:
        """Give idle workers what is due: a table or an answer, which take little time, before the next run.

        A run whose folder went away in the meantime is passed over.
        """
        for worker in self._workers:
            if worker.idle and (job := self._desk.next()):
                worker.busy, worker.errand = True, job
                worker.send(job)
            while self._queue and worker.idle:
                run = self._queue.pop(0)
                folder = self.runs.root / run
                if not folder.is_dir():
                    continue
                worker.busy, worker.jobs = True, [run, *self._company(run)]
                worker.send({"job": "train", "folders": [str(self.runs.root / name) for name in worker.jobs]})
                for name in worker.jobs:
                    if self._projector and name not in self._unwatched:
                        self._projector.send({"watch": str(self.runs.root / name)})

    def _under_way(self, job: Job) -> bool:
        return any(worker.errand == job for worker in self._workers)

    def _company(self, run: str) -> list[str]:
        """Other seeds that wait and will be trained together with this one, taken out of the queue.

        Only where a seed that is done has told that they gain, so the first figures come as early as ever. Nobody else's
        run is passed over, and no more are taken than leaves the other workers their part.
        """
        group, owners = self._group_to_begin(run), self._owners.get(run)
        if group not in self._gaining:
            return []
        share = min(MOST_TOGETHER, -(-(1 + len(self._queue)) // max(1, len(self._workers))))
        mine = list(takewhile(lambda name: self._owners.get(name) == owners, self._queue))
        company = [name for name in mine if self._group_to_begin(name) == group][: share - 1]
        self._queue = [name for name in self._queue if name not in company]
        return company

    def _group_to_begin(self, run: str) -> str | None:
        """The group of a run that has not begun; None of one that goes on, or is gone."""
        if (self.runs.root / run / store.CHECKPOINT).exists():
            return None
        try:
            return group_id(read_config(self.runs.root / run))
        except (RunError, OSError):
            return None

    def _heard(self, process: Child, message: dict[str, Any] | None) -> None:
        """A line from a process, or None when it ended."""
        with self._lock:
            if message is None:
                self._replace(process)
            elif "ready" in message:
                self._stillborn = 0
            elif "done" in message:
                self._ended(message["done"])
                process.jobs = [run for run in process.jobs if run != message["done"]]
                process.busy = bool(process.jobs)
                if message.get("together"):
                    with suppress(RunError, OSError):
                        self._gaining.add(group_id(read_config(self.runs.root / message["done"])))
            elif "made" in message:
                process.busy, process.errand = False, None
            self._dispatch()

    def _ended(self, run: str) -> None:
        self._owners.pop(run, None)
        self._unwatched.discard(run)
        self._desk.ended(run)

    def _replace(self, dead: Child) -> None:
        for run in dead.jobs:
            self._ended(run)
        if self._closed:
            return
        self._stillborn += not dead.ready
        if self._stillborn > TRIES:  # the next one would only die again; a person's next click tries once more
            if self.broken:
                self._give_up()
            return
        if dead is self._projector:
            self._projector = Child(dead.module, self._heard)
            for worker in self._workers:
                for run in worker.jobs:
                    self._projector.send({"watch": str(self.runs.root / run)})
        elif dead in self._workers:
            self._workers[self._workers.index(dead)] = Child(dead.module, self._heard)

    def _forget_queue(self) -> None:
        """Runs that waited for a server that is gone: our lock would keep them waiting for ever."""
        for item in self.runs.summaries():
            if item.status.get("status") == "queued" and item.run not in self._queue:
                self._mark(item.run, "stopped")

    def _revive(self) -> None:
        """A new process in the place of each worker that died too often."""
        if self._stillborn > TRIES:
            self._stillborn = TRIES  # one try, so that a broken installation is said soon
            self._workers = [w if w.child.poll() is None else Child(w.module, self._heard) for w in self._workers]

    def _give_up(self) -> None:
        """Nobody is left to train what waits: say so on each run, and let it be asked for again."""
        waiting, self._queue = self._queue, []
        error = RunError("no_worker")
        for run in waiting:
            self._owners.pop(run, None)
            self._desk.ended(run)
            with suppress(RunError, OSError):
                self._mark(run, "stopped", message=str(error), error=error.key, values={})

    def _seconds_left(self, run: str) -> float | None:
        """From the run itself when it trains, from finished runs of the same choice when it waits."""
        try:
            status = store.read_status(self.runs.root / run)
            if status.get("seconds_left") is not None:
                return float(status["seconds_left"])
            config = read_config(self.runs.root / run)
        except RunError:
            return None
        return config.seconds or self._seconds_of_kin(config)

    def _seconds_of_kin(self, config: RunConfig) -> float | None:
        for item in self.runs.summaries():
            same = all(item.config.get(key) == getattr(config, key) for key in ("dataset", "fusion", "objective"))
            seconds, epoch = item.status.get("seconds"), item.status.get("epoch")
            if same and item.status.get("status") == "finished" and seconds and epoch:
                return float(seconds) / float(epoch) * config.epochs
        return None
