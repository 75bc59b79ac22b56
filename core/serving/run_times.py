"""How long runs take, from what has been trained here: in memory, so that no request waits for a disk.

Runs of the same data set, fusion and objective take about as long per epoch. The newest one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.runs.store import is_number
from core.serving.job_queue import QueuedRun

Kin = tuple[str, ...]
KIN = ("dataset", "fusion", "objective")
MOST = 2000  # kinds of runs that are remembered


def kin(config: Mapping[str, Any]) -> Kin:
    """What runs have in common that take about as long per epoch."""
    return tuple(str(config.get(name)) for name in KIN)


class RunTimes:
    """Seconds per epoch of each kin, and seconds left of what trains now."""

    def __init__(self) -> None:
        self.left: dict[str, float | None] = {}  # run -> seconds
        self._per_epoch: dict[Kin, float] = {}

    def learn(self, config: Mapping[str, Any], status: Mapping[str, Any]) -> None:
        """A run is over; one that did not finish, or does not tell, teaches nothing."""
        seconds, epoch = status.get("seconds"), status.get("epoch")
        if status.get("status") != "finished" or not (is_number(seconds) and is_number(epoch)):
            return
        assert seconds is not None and epoch is not None
        if seconds > 0 and epoch > 0:
            self._per_epoch[kin(config)] = float(seconds) / float(epoch)
            while len(self._per_epoch) > MOST:
                del self._per_epoch[next(iter(self._per_epoch))]

    def expected(self, job: QueuedRun) -> float | None:
        """Seconds that a run takes from its beginning; None where nothing like it has finished."""
        each = self._per_epoch.get(job.kin)
        return job.budget or (None if each is None else each * job.epochs)

    def remaining(self, job: QueuedRun) -> float | None:
        """Seconds that a run in training still needs; the whole time as long as it has not told."""
        left = self.left.get(job.run)
        return self.expected(job) if left is None else left

    def together(self, jobs: Iterable[QueuedRun | None]) -> float | None:
        """Seconds that a worker still needs for runs that it trains together (None: one that has ended); None where that is
        not known of each."""
        left = [self.remaining(job) for job in jobs if job]
        known = [seconds for seconds in left if seconds is not None]
        return max(known) if known and len(known) == len(left) else None
