"""Two background threads of the server: one does jobs in their order, one polls.

Either goes on after an error, since all who use the server depend on it; the error is printed.
"""

from __future__ import annotations

import queue
import sys
import threading
import traceback
from collections.abc import Callable

AFTER_AN_ERROR = 1.0  # seconds until the next look


class Clerk:
    """Does what it is given, one after another. Its thread lives as long as there is something to do."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._working = self._stopped = False

    def do(self, job: Callable[[], None]) -> None:
        """Put this behind the others."""
        self._jobs.put(job)
        with self._lock:
            if not self._working and not self._stopped:
                self._working = True
                threading.Thread(target=self._work, name=self.name, daemon=True).start()

    def stop(self) -> None:
        """What is not begun is left."""
        self._stopped = True

    def _work(self) -> None:
        while True:
            with self._lock:
                if self._stopped or self._jobs.empty():
                    self._working = False
                    return
            guarded(self._jobs.get())


class Keeper:
    """Calls `tick` every `period` seconds, and at once when it is woken."""

    def __init__(self, name: str, tick: Callable[[], None], period: float) -> None:
        self.name, self.tick, self.period = name, tick, period
        self._wake = threading.Event()
        self._stopped = False

    def start(self) -> None:
        """Begin to look, in a thread of its own."""
        threading.Thread(target=self._work, name=self.name, daemon=True).start()

    def wake(self) -> None:
        """Look now instead of at the next turn."""
        self._wake.set()

    def stop(self) -> None:
        """Look no more after the look that is under way."""
        self._stopped = True
        self._wake.set()

    def _work(self) -> None:
        while not self._stopped:
            good = guarded(self.tick)
            self._wake.wait(self.period if good else AFTER_AN_ERROR)
            self._wake.clear()


def guarded(job: Callable[[], None]) -> bool:
    """Do it; whether it went well."""
    try:
        job()
    except Exception:  # whatever it is, it must not end what serves everybody
        traceback.print_exc(file=sys.stderr)
        return False
    return True
