"""What a run costs in time, on one clock: seconds of the processor, as if it were trained alone.

Wall seconds of a busy machine are not those of a quiet one, and a share of several seeds trained in one go is not what one
of them costs. So a method's figure is the mean over its seeds that trained alone; where there are none it is marked:

    "cpu"      processor seconds of runs that trained alone, validation included; resumed runs add up
    "shared"   the method's seeds were all trained together: each one's share of the processor seconds
    "wall"     wall seconds: runs of before the processor's were counted, and runs on a graphics card
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

Clock = Literal["cpu", "shared", "wall"]
CLOCKS: tuple[Clock, ...] = ("cpu", "shared", "wall")


@dataclass(frozen=True)
class Spent:
    """By one finished run. `together`: with how many seeds, itself included."""

    seconds: float
    cpu_seconds: float | None = None
    together: int = 1
    on_cpu: bool = True

    @property
    def clock(self) -> Clock:
        """Which clock measured it: "cpu", "shared" or "wall"."""
        if self.cpu_seconds is None or not self.on_cpu:
            return "wall"
        return "cpu" if self.together == 1 else "shared"


def cost(spent: Iterable[Spent]) -> tuple[float | None, Clock | None]:
    """(seconds, clock) of a method: the mean over its runs on the best clock that any of them has; (None, None) of none."""
    runs = list(spent)
    for clock in CLOCKS:
        seconds = [run.seconds if clock == "wall" else run.cpu_seconds for run in runs if run.clock == clock]
        if seconds:
            return fmean(value for value in seconds if value is not None), clock
    return None, None
