"""The time that a training has taken: on the wall and of the processor, over resumes, shared where several train together."""

from __future__ import annotations

import time
from collections.abc import Mapping

import torch
from torch import Tensor


class Clock:
    """Runs from its making on; keeps what was spent before a resume or a change of shares."""

    def __init__(self) -> None:
        self._wall_spent = 0.0
        self._wall_begun = time.perf_counter()
        self._cpu_spent: float | None = 0.0  # None: not known
        self._cpu_begun = time.process_time()
        self._trainings = 1  # that this time is spent on

    def resume(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what a checkpoint says; one of before processor time was kept says nothing of it."""
        self._wall_spent = float(state["clock"])
        self._cpu_spent = float(state["cpu_clock"]) if "cpu_clock" in state else None

    def share(self, trainings: int) -> None:
        """From now on count for so many trainings, and a part of it for this one."""
        self._cpu_spent, self._cpu_begun = self.cpu_seconds(), time.process_time()
        self._wall_spent, self._wall_begun, self._trainings = self.seconds(), time.perf_counter(), trainings

    def seconds(self) -> float:
        """Wall seconds spent on this training."""
        return self._wall_spent + (time.perf_counter() - self._wall_begun) / self._trainings

    def cpu_seconds(self) -> float | None:
        """Seconds of this process, likewise; None where a resume does not know what went before."""
        if self._cpu_spent is None:
            return None
        return self._cpu_spent + (time.process_time() - self._cpu_begun) / self._trainings

    def state_dict(self) -> dict[str, Tensor]:
        """What `resume` takes: scalars of 64 bits, `cpu_clock` only where it is known."""
        known = {"clock": self.seconds(), "cpu_clock": self.cpu_seconds()}
        return {name: torch.tensor(value, dtype=torch.float64) for name, value in known.items() if value is not None}
