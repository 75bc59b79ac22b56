"""The queue of jobs, their order and expected waiting times: in memory alone. No files, no processes, no clock.

A *request* is one click: a run, its seeds, a comparison. The runs of all requests wait in one line, first in, first out.
A run belongs to all who asked for it, and leaves the line when the last of them no longer needs it. A request counts
against the limits as long as one of its runs waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from core.errors import RunError

MOST_TOGETHER = 8  # seeds in one worker at a time
MOST_ELSEWHERE = 1000  # runs of other processes whose owners are remembered


@dataclass(frozen=True)
class Limits:
    """How many requests may wait: of one person, and of all together."""

    each: int = 3
    all: int = 30


@dataclass(frozen=True)
class Place:
    """A place in the queue: 1 is next. `seconds` is what those before it still need, where that is known."""

    position: int
    seconds: float | None


@dataclass
class QueuedRun:
    """A run that waits or trains. `group`: what it shares with its other seeds; None where it has begun and goes on alone."""

    run: str
    kin: tuple[str, ...] = ()  # runs of the same kin take about as long per epoch
    epochs: int = 0
    budget: float | None = None  # seconds, where that was chosen instead of epochs
    group: str | None = None
    opened: bool = True  # its folder is there and says "queued"
    owners: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Request:
    """One click, and which of its runs still wait."""

    owner: str
    runs: set[str]


class JobQueue:
    """Not thread-safe: the executor calls it under its lock."""

    def __init__(self, limits: Limits | None = None) -> None:
        """Without limits anybody may ask for anything."""
        self.limits = limits
        self.gaining: set[str] = set()  # groups whose seeds are trained sooner together
        self._line: dict[str, QueuedRun] = {}
        self._training: dict[str, QueuedRun] = {}
        self._elsewhere: dict[str, set[str]] = {}  # owners of runs that another process trains
        self._requests: list[Request] = []

    def claim(self, runs: Iterable[str], owner: str, unlimited: bool = False) -> Request:
        """A request for these runs, none of which is finished. RunError when this owner, or all together, have too many."""
        wanted = set(runs)
        known = [request for request in self._requests if request.owner == owner]
        if again := next((request for request in known if wanted and wanted <= request.runs), None):
            return again
        if wanted and self.limits and not unlimited:
            self._check(len(known), wanted, self.limits)
        request = Request(owner, wanted)
        if wanted:
            self._requests.append(request)
        return request

    def _check(self, own: int, wanted: set[str], limits: Limits) -> None:
        """A class that asks for one and the same run is no burden: a request counts among all by what it alone brings."""
        if own >= limits.each:
            raise RunError("too_many_requests", count=own)
        brought, burden = set(self._training), 0
        for request in self._requests:
            burden += not request.runs <= brought
            brought |= request.runs
        if burden >= limits.all and not wanted <= brought:
            raise RunError("queue_full", count=burden)

    def enter(self, job: QueuedRun, request: Request) -> None:
        """To the end of the line. One that waits keeps its place, and has a folder from now on if this one has."""
        request.runs.add(job.run)
        if request not in self._requests:  # its runs were thought to be finished
            self._requests.append(request)
        waiting = self._line.get(job.run)
        job.owners |= {request.owner} | (waiting.owners if waiting else set())
        if waiting is None or job.opened:
            self._line[job.run] = job

    def expect(self, job: QueuedRun, request: Request) -> None:
        """A run whose folder is still to be made; one that trains already is joined."""
        if job.run in self._training and job.run not in self._line:
            self.join(job.run, request)
        else:
            self.enter(job, request)

    def join(self, run: str, request: Request) -> None:
        """Somebody wants a run that waits or trains already, here or in another process."""
        if run in self._line and self._line[run].opened:
            self._line[run].owners.add(request.owner)
            return
        if run in self._training:
            self._training[run].owners.add(request.owner)
        else:
            self._elsewhere.setdefault(run, set()).add(request.owner)
            while len(self._elsewhere) > MOST_ELSEWHERE:
                del self._elsewhere[next(iter(self._elsewhere))]
        self.finish(run, request)

    def finish(self, run: str, request: Request) -> None:
        """The request need not wait for this run, and nobody for a folder that it would have had to get."""
        request.runs.discard(run)
        if self.unopened(run):
            self.remove(run)
        self._drop_empty()

    def abandon(self, request: Request) -> None:
        """A request that came to nothing; what it waits for from before stays."""
        request.runs &= self._line.keys()
        self._drop_empty()

    def leave(self, run: str, owner: str) -> bool:
        """This owner no longer needs the run. True when nobody else does: a run that waited is then out of the line."""
        job = self._line.get(run) or self._training.get(run)
        owners = job.owners if job else self._elsewhere.get(run, set())
        owners.discard(owner)
        for request in self._requests:
            if request.owner == owner:
                request.runs.discard(run)
        if not owners:
            self.remove(run)
            self._elsewhere.pop(run, None)
        self._drop_empty()
        return not owners

    def remove(self, run: str) -> None:
        """Remove it from the queue, for all owners."""
        if self._line.pop(run, None):
            self._no_longer_waits(run)

    def clear(self) -> list[str]:
        """Everybody out of the line; who that was, of those that have a folder."""
        gone = [run for run, job in self._line.items() if job.opened]
        self._line.clear()
        self._requests.clear()
        return gone

    def take(self, workers: int) -> list[QueuedRun]:
        """The next run, with the seeds that are trained together with it; from now on they train.

        Nobody overtakes one whose folder is just being made.
        """
        first = next(iter(self._line.values()), None)
        if first is None or not first.opened:
            return []
        jobs = [first, *self._mates(first, workers)]
        for job in jobs:
            del self._line[job.run]
            self._training[job.run] = job
            self._no_longer_waits(job.run)
        return jobs

    def ended(self, run: str) -> QueuedRun | None:
        """A run that trained is over; it, where it was one of ours."""
        return self._training.pop(run, None)

    def training(self, run: str) -> QueuedRun | None:
        """A run that trains here."""
        return self._training.get(run)

    def waits(self, run: str) -> bool:
        """Whether this run stands in line."""
        return run in self._line

    def unopened(self, run: str) -> bool:
        """Whether it waits and has no folder yet that says so."""
        return run in self._line and not self._line[run].opened

    def __len__(self) -> int:
        return len(self._line)

    def owners(self, run: str) -> set[str]:
        """The owners of this run; none of a run that is over."""
        job = self._line.get(run) or self._training.get(run)
        return set(job.owners if job else self._elsewhere.get(run, ()))

    def places(
        self, ahead: Sequence[float | None], workers: int, expected: Callable[[QueuedRun], float | None]
    ) -> dict[str, Place]:
        """Where each run stands. `ahead`: seconds that each busy worker still needs; `expected` says how long a run takes.

        A time is known as long as those of all before it are.
        """
        known, spent = None not in ahead, sum(seconds or 0.0 for seconds in ahead)
        found = {}
        for position, job in enumerate(self._line.values(), 1):
            found[job.run] = Place(position, spent / max(1, workers) if known else None)
            seconds = expected(job)
            known, spent = known and seconds is not None, spent + (seconds or 0.0)
        return found

    def _mates(self, first: QueuedRun, workers: int) -> list[QueuedRun]:
        """Other seeds that wait and are trained together with this one.

        Only where a seed that is done has shown that they gain, so the first metrics come as early as ever. Nobody else's
        run is passed over, and no more are taken than leaves the other workers their part.
        """
        if first.group is None or first.group not in self.gaining:
            return []
        share = min(MOST_TOGETHER, -(-len(self._line) // max(1, workers)))
        mine = takewhile(lambda job: job.owners == first.owners, list(self._line.values())[1:])
        return [job for job in mine if job.group == first.group and job.opened][: share - 1]

    def _no_longer_waits(self, run: str) -> None:
        for request in self._requests:
            request.runs.discard(run)
        self._drop_empty()

    def _drop_empty(self) -> None:
        self._requests = [request for request in self._requests if request.runs]
