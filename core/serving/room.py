"""Whether there is disk space for more runs, from a cached size: adding up thousands of folders would make a click wait.

The size is measured when the server has started, after each run, and by and by when people ask; a folder that is known to be
too large is looked at again at once, since somebody may have made room.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from core.runs import Runs, disk_cap_mb
from core.serving.keeper import Clerk

FRESH = 60.0  # seconds that a size is taken for true before it is measured again, in the background


class Room:
    """Queried where runs are requested; measured by the clerk."""

    def __init__(self, runs: Runs, clerk: Clerk, clock: Callable[[], float] = time.monotonic) -> None:
        self._runs, self._clerk, self._clock = runs, clerk, clock
        self._used: float | None = None  # MB
        self._at = 0.0

    def measure(self) -> None:
        """Add up what all runs take."""
        self._used = self._runs.used_mb()
        self._at = self._clock()

    def check(self, keep: Collection[str] = ()) -> None:
        """RunError, as from `Runs.check_room`, when the runs take more than they may."""
        if self._used is None:
            self.measure()
        assert self._used is not None
        if self._used > disk_cap_mb():
            self._runs.check_room(keep)
            self.measure()
        elif self._clock() - self._at > FRESH:
            self._at = self._clock()  # once, however many ask
            self._clerk.do(self.measure)
