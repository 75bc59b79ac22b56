"""Signs of life of a run's writer: what a reader goes by where the lock proves nothing.

On the writer's own machine the operating system frees the lock when the writer dies, and that is the proof. On another one (a
shared disk whose locks do not travel, a folder that is synchronised) the lock looks free; there the run counts as alive as long
as its heartbeat is younger than MARGIN times its period.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from core.runs.types import Heartbeat

PERIOD = 5.0  # seconds between two signs
MARGIN = 12  # periods: a minute, so that clocks of two machines may differ by half of one and a disk may hang
_BEGUN = time.time() - time.monotonic()  # so that setting this machine's clock moves no sign of a process that lives


@cache
def host() -> str:
    """This machine's name."""
    return socket.gethostname()


def beat() -> Heartbeat:
    """A sign of life, now."""
    return Heartbeat(at=round(_BEGUN + time.monotonic(), 3), every=PERIOD, host=host())


def is_alive_elsewhere(status: Mapping[str, Any], now: float | None = None) -> bool:
    """Whether another machine's writer has given a sign lately; `now`: seconds since 1970. False for signs of this machine
    and where there are none: versions before gave none."""
    sign = status.get("heartbeat")
    if sign is None or sign["host"] == host():
        return False
    result: bool = abs((time.time() if now is None else now) - sign["at"]) < MARGIN * sign["every"]
    return result
