"""How many sockets are served at once: of one visitor, from one address, in all, and as file handles allow.

Whoever cannot be served is told, and tries again later; those who are served go on. Some handles are always left for what
the server itself opens: files of runs, pages, workers.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress

from starlette.types import Scope

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

EACH_VISITOR = 48  # a page of comparisons has six runs; eight tabs
EACH_ADDRESS = 1000  # a class of 130 behind one address, six runs each, and reloads
ALL = 4000
KEPT = 48  # handles that sockets leave free
KEPT_LAST = 16  # handles that no connection at all takes


class Seats:
    """Counts what is served."""

    def __init__(
        self, each_visitor: int = EACH_VISITOR, each_address: int = EACH_ADDRESS, everybody: int = ALL
    ) -> None:
        self.each_visitor, self.each_address, self.everybody = each_visitor, each_address, everybody
        self._taken: Counter[str] = Counter()
        self._all = 0

    def take(self, scope: Scope) -> str | None:
        """A seat for this socket, by its name (give it back with `free`); None when there is none."""
        name, most = self._counted_by(scope)
        if self._taken[name] >= most or self._all >= self.everybody or handles_left() < KEPT:
            return None
        self._taken[name] += 1
        self._all += 1
        return name

    def free(self, name: str) -> None:
        """That socket is closed."""
        self._all -= 1
        self._taken[name] -= 1
        if self._taken[name] <= 0:
            del self._taken[name]

    def __len__(self) -> int:
        return self._all

    def _counted_by(self, scope: Scope) -> tuple[str, int]:
        visitor = (scope.get("state") or {}).get("visitor")
        if visitor is not None:
            return f"visitor {visitor}", self.each_visitor
        client = scope.get("client")
        return f"address {client[0] if client else ''}", self.each_address


def raise_limit() -> None:
    """As many file handles as the system lets us have; macOS gives 256 to whoever does not ask."""
    if resource is None:
        return
    with suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def handles_left() -> int:
    """How many more files and sockets this process may open; many where the system does not tell."""
    if resource is None:
        return 1 << 20
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 1 << 20
    for place in ("/proc/self/fd", "/dev/fd"):
        try:
            return int(soft) - len(os.listdir(place))
        except FileNotFoundError:
            continue
        except OSError:  # not even one to count them with
            return 0
    return 1 << 20
