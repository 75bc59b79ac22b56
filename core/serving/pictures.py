"""Which runs the projector makes pictures of, and the message for pages while it cannot."""

from __future__ import annotations

import threading

from core.errors import Problem, RunError, described
from core.serving.messages import Watch
from core.serving.pool import PROJECTOR, WorkerPool
from core.serving.queue_folders import QueueFolders

MOST_WATCHED = 64  # runs that a new projector gets, the last ones
MOST_PROBLEMS = 200


class Pictures:
    """Thread-safe by a lock of its own, under which nothing waits."""

    def __init__(self, folders: QueueFolders, pool: WorkerPool) -> None:
        self._folders, self._pool = folders, pool
        self._watched: dict[str, None] = {}
        self._without: set[str] = set()  # runs that lack pictures while there is no projector
        self._problems: dict[str, Problem] = {}
        self._lock = threading.Lock()

    def watch(self, run: str) -> None:
        """Have its pictures made as its snapshots come."""
        with self._lock:
            self._watched.pop(run, None)
            self._watched[run] = None
            self._problems.pop(run, None)
            while len(self._watched) > MOST_WATCHED:
                del self._watched[next(iter(self._watched))]
        self._send(run)

    def failed(self, run: str, problem: Problem) -> None:
        """The projector could not make the pictures of this run; it goes on with the others."""
        with self._lock:
            self._watched.pop(run, None)
            self._problems[run] = problem
            while len(self._problems) > MOST_PROBLEMS:
                del self._problems[next(iter(self._problems))]

    def gone(self, training: set[str]) -> None:
        """The projector died: whose pictures are missing meanwhile. Reads folders."""
        with self._lock:
            watched = list(self._watched)
        without = {run for run in watched if run in training or self._folders.lacks_pictures(run)}
        with self._lock:
            self._without = without
            self._watched = dict.fromkeys(run for run in watched if run in without)

    def back(self) -> None:
        """There is a projector again: it gets the work of the last one."""
        with self._lock:
            self._without = set()
            watched = list(self._watched)
        for run in watched:
            self._send(run)

    def problem(self, run: str) -> Problem | None:
        """Why this run's pictures do not come, None where nothing is known against it."""
        with self._lock:
            if run in self._without:
                return described(RunError("projector_ended"))
            return self._problems.get(run)

    def _send(self, run: str) -> None:
        self._pool.submit(PROJECTOR, Watch(type="watch", folder=str(self._folders.root / run)))
