"""From a request to runs in line: limits first, then folders, the first at once and the others by the clerk.

A comparison of eighty runs is one request. A folder takes a disk some milliseconds (its config is kept through a power
cut), so whoever asked has an answer when the first one is there. What went wrong with the others is kept for the page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from core.compare.comparison import Comparison
from core.compare.files import write_spec
from core.config import RunConfig
from core.errors import FusionariumError, Problem, RunError, described
from core.runs import run_id
from core.serving.dispatcher import Dispatcher
from core.serving.job_queue import Request
from core.serving.queue_folders import expected_job

MOST_PROBLEMS = 200  # runs that could not be made, until they are forgotten


class Admission:
    """Puts runs in a dispatcher's line."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._queue, self._folders = dispatcher.queue, dispatcher.folders
        self._lock, self._disk = dispatcher.lock, dispatcher.disk
        self._problems: dict[str, Problem] = {}

    def one(self, config: RunConfig, owner: str, again: bool, unlimited: bool) -> str:
        """One run, its folder made; what was to be done with it ("new", "resume", "join", "reuse")."""
        run = run_id(config)
        done = not again and self._folders.finished(run)
        return self._first(config, self._claim([] if done else [run], owner, unlimited), again)

    def several(
        self, configs: Mapping[str, RunConfig], owner: str, unlimited: bool, comparison: Comparison | None = None
    ) -> None:
        """Several runs, perhaps of a comparison, as one request; the first is in line when this returns."""
        lacking = [run for run in configs if not self._folders.finished(run)]
        request = self._claim(lacking, owner, unlimited)
        if comparison:
            self._open_table(comparison, request)
        first, *others = [*lacking, *(run for run in configs if run not in lacking)]
        with self._lock:
            if comparison:
                self._unwatch([run for run in lacking if configs[run].seed != configs[first].seed])
        self._first(configs[first], request)
        with self._lock:
            for run in others:
                if run in lacking:
                    self._queue.expect(expected_job(run, configs[run]), request)
            self._dispatcher.moved()
        for run in others:
            self._dispatcher.clerk.do(partial(self._later, configs[run], request, run in lacking))

    def unopened(self, run: str) -> dict[str, Any] | None:
        """The status of a run that was asked for and has no folder yet that tells one; None of any other."""
        with self._lock:
            if self._queue.unopened(run):
                return {"status": "queued"}
            problem = self._problems.get(run)
            return None if problem is None else {"status": "failed", **problem}

    def _claim(self, runs: Collection[str], owner: str, unlimited: bool) -> Request:
        with self._lock:
            return self._queue.claim(runs, owner, unlimited)

    def _open_table(self, comparison: Comparison, request: Request) -> None:
        try:
            write_spec(self._folders.root, comparison)
        except (RunError, OSError):
            self._abandon(request)
            raise
        with self._lock:
            self._dispatcher.tasks.add(comparison)

    def _unwatch(self, runs: list[str]) -> None:
        """No pictures of these."""
        kept = {run for run in self._dispatcher.unwatched if self._queue.owners(run)}
        self._dispatcher.unwatched = kept | set(runs)

    def _first(self, config: RunConfig, request: Request, again: bool = False) -> str:
        try:
            return self._admit(config, request, again)
        except (FusionariumError, OSError):
            self._abandon(request)
            raise

    def _abandon(self, request: Request) -> None:
        with self._lock:
            self._queue.abandon(request)

    def _admit(self, config: RunConfig, request: Request, again: bool = False) -> str:
        """Find or make the folder, and put the run in line; what was to be done with it."""
        run = run_id(config)
        with self._disk:
            with self._lock:
                waits = self._queue.waits(run) and not self._queue.unopened(run)
            job, action = self._folders.open(config, again, waits)
            with self._lock:
                self._problems.pop(run, None)
                if action in ("new", "resume"):
                    self._queue.enter(job, request)
                elif action == "join":
                    self._queue.join(run, request)
                else:
                    self._queue.finish(run, request)
        self._dispatcher.dispatch()
        return action

    def _later(self, config: RunConfig, request: Request, expected: bool) -> None:
        """The clerk's part of a long request. What was stopped in the meantime is not begun."""
        run = run_id(config)
        with self._disk:
            with self._lock:
                if expected and run not in request.runs:
                    return
            try:
                self._admit(config, request)
            except (FusionariumError, OSError) as error:
                with self._lock:
                    self._queue.remove(run)
                    self._problems[run] = described(error)
                    while len(self._problems) > MOST_PROBLEMS:
                        del self._problems[next(iter(self._problems))]
