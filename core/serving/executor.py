"""One first-in-first-out queue and a pool of workers, kept by the server. No torch in here: folders are handed to the pool.

    Executor      what pages call: a facade
    Admission     from a request to runs in line                core/serving/admission.py
    Dispatcher    gives workers what is due                     core/serving/dispatcher.py
    JobQueue      who waits for what, in which order            core/serving/job_queue.py       memory alone
    TaskQueue     tables, answers, estimates that are due       core/serving/task_queue.py      memory alone
    Questions     who waits for an answer of a model            core/serving/questions.py       memory alone
    WorkerPool    where jobs are done: a protocol               core/serving/pool.py
    LocalPool     processes, replaced when they die             core/serving/local_pool.py      processes
    QueueFolders  what run folders say of the queue             core/serving/queue_folders.py   disk

A run belongs to the people who asked for it; it is stopped when the last of them no longer needs it. A worker that dies is
replaced, and its runs say that they stopped, and why.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.compare.comparison import Comparison
from core.compare.files import write_spec
from core.config import RunConfig
from core.errors import Problem, RunError
from core.runs import Runs, run_id, store
from core.serving import cpus
from core.serving.admission import Admission
from core.serving.dispatcher import Dispatcher
from core.serving.job_queue import Limits, Place
from core.serving.local_pool import LocalPool
from core.serving.messages import Task
from core.serving.pool import WorkerPool
from core.serving.questions import ModelQuestion, Reply

__all__ = ["Executor", "Limits", "Place", "Ticket"]
MOST_WORKERS = 4  # runs side by side: one a core, and they step back for the server (core/serving/worker_process.py)


@dataclass(frozen=True)
class Ticket:
    """What a click got: the run, and whether it was finished before ("reuse"), under way ("join"), or is now queued."""

    run: str
    action: str


class Executor:
    """`start()`, then `submit(config, owner)`. Thread-safe: page scripts of many people call it."""

    def __init__(
        self,
        root: Path | str,
        workers: int | None = None,
        projects: bool = True,
        limits: Limits | None = None,
        pool: WorkerPool | None = None,
    ) -> None:
        """`limits`: how many requests may wait. `pool`: where jobs are done; without one, `workers` processes of this machine,
        and where `projects` is False none that renders projections, since nobody will look."""
        self.runs = Runs(root)
        pool = pool or LocalPool(workers or min(MOST_WORKERS, cpus.usable()), projects)
        self.dispatcher = Dispatcher(self.runs, pool, limits)
        self._admission = Admission(self.dispatcher)
        self._queue, self._tasks = self.dispatcher.queue, self.dispatcher.tasks
        self._lock, self._disk = self.dispatcher.lock, self.dispatcher.disk
        self._unwritable: RunError | None = None

    def start(self) -> None:
        """Have the warm processes started; returns at once, they report when they are ready.

        A runs folder that cannot be written is said when something is to be trained.
        """
        try:
            self.dispatcher.start()
            self._unwritable = None
        except RunError as error:
            self._unwritable = error

    @property
    def ready(self) -> bool:
        """Whether a worker is warm."""
        return bool(self.dispatcher.pool.devices())

    @property
    def broken(self) -> bool:
        """Whether worker after worker died before it was ready: nothing will be trained until one succeeds."""
        return self.dispatcher.pool.broken

    @property
    def count(self) -> int:
        """How many runs are trained side by side."""
        return self.dispatcher.pool.count

    def submit(self, config: RunConfig, owner: str = "", again: bool = False, unlimited: bool = False) -> Ticket:
        """Train this config, unless it has been: same choice, same run. RunError when the disk cap or a limit is reached."""
        run = run_id(config)
        self._prepare({run})
        return Ticket(run, self._admission.one(config, owner, again, unlimited))

    def submit_all(self, configs: Sequence[RunConfig], owner: str = "", unlimited: bool = False) -> list[str]:
        """Train all these, as one request; the runs' names. The folders of all but the first are made by and by."""
        names = [run_id(config) for config in configs]
        if not names:
            return []
        self._prepare(set(names))
        self._admission.several(dict(zip(names, configs, strict=True)), owner, unlimited)
        return names

    def compare(self, comparison: Comparison, owner: str = "", unlimited: bool = False) -> list[str]:
        """Train what a comparison lacks and keep its table up to date; its runs. Pictures are made of each first seed."""
        configs = dict(zip(comparison.runs, comparison.configs(), strict=True))
        self._prepare(set(configs))
        self._admission.several(configs, owner, unlimited, comparison)
        return list(comparison.runs)

    def tabulate(self, comparison: Comparison) -> None:
        """Have a comparison's table made of what is there; nothing is trained."""
        self.start()
        with suppress(RunError, OSError):  # nowhere to write a table
            write_spec(self.runs.root, comparison)
            with self._lock:
                self._tasks.add(comparison)
            self.dispatcher.dispatch()

    def ask(self, question: Task) -> bool:
        """Have a worker make what `question` asks for (core/serving/tasks.py); nothing is trained. False when too many wait."""
        self.start()
        self.dispatcher.hurry()
        with self._lock:
            if not self.dispatcher.under_way(question):
                if self._tasks.full:
                    return False
                self._tasks.add_task(question)
        self.dispatcher.dispatch()
        return True

    def asking(self, question: Task) -> bool:
        """Whether that waits for a worker, or is being made."""
        with self._lock:
            return self._tasks.waits(question) or self.dispatcher.under_way(question)

    def stop(self, run: str, owner: str = "") -> bool:
        """This owner no longer needs the run. True when it was the last one, and the run stops."""
        with self._disk:
            with self._lock:
                waited, unopened = self._queue.waits(run), self._queue.unopened(run)
                last = self._queue.leave(run, owner)
                self.dispatcher.moved()
            if last and waited and not unopened and (self.runs.root / run).is_dir():
                self.dispatcher.folders.mark(run, "stopped")
            elif last and not waited and not self.dispatcher.stop(run):
                self.runs.stop(run)  # another process trains it, and looks for this file
        self.dispatcher.dispatch()
        return last

    def owners(self, run: str) -> set[str]:
        """Who wants this run, as long as it waits or trains."""
        with self._lock:
            return self._queue.owners(run)

    def place(self, run: str) -> Place | None:
        """Where a queued run stands, None when it is not queued. From memory: the event loop may ask."""
        return self.dispatcher.place(run)

    def unopened(self, run: str) -> dict[str, Any] | None:
        """The status of a run that was asked for and has no folder yet that tells one; None of any other."""
        return self._admission.unopened(run)

    def watch(self, run: str) -> None:
        """Make the pictures that this run lacks: a run of the command line that somebody opens."""
        if not store.is_shipped(run) and store.find_run(self.runs.root, run):
            self.dispatcher.pictures.watch(run)

    def picture_problem(self, run: str) -> Problem | None:
        """Why this run's pictures do not come: message, error (its key), values. From memory."""
        return self.dispatcher.pictures.problem(run)

    def ask_model(self, run: str, question: ModelQuestion, visitor: str, reply: Reply) -> None:
        """Ask the model of a finished run; `reply` gets the answer, once, in a thread of the pool. It never trains anything.

        A visitor has one question waiting: the newest, and the one before is answered "replaced".
        """
        self.start()
        self.dispatcher.questions.ask(self._found(run), question, visitor, reply)

    def _found(self, run: str) -> Path:
        folder = store.find_run(self.runs.root, run)
        if folder is None:
            raise RunError("unknown_run", name=run, where=self.runs.root)
        return folder

    def close(self) -> None:
        """Let go. Workers finish the run under way and end by themselves; queued runs show as stopped."""
        self.dispatcher.close()

    def _prepare(self, keep: Collection[str]) -> None:
        self.start()
        if self._unwritable:
            raise self._unwritable
        self.dispatcher.hurry()
        self.dispatcher.room.check(keep)
