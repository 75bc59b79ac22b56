"""New visitors, counted by address: this limits a browser that discards its cookies, and lets a class in."""

from __future__ import annotations

import time
from collections import OrderedDict, deque

NEW_A_MINUTE = 300  # visitors from one address: a class of 130 behind one comes in, and once more
ADDRESSES = 10_000  # that are remembered


class Arrivals:
    """How many came newly from each address in the last minute."""

    def __init__(self, most: int = NEW_A_MINUTE) -> None:
        self.most = most
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def admit(self, address: str) -> bool:
        """Whether one more may come from here; it then counts."""
        now = time.monotonic()
        network = ":".join(address.split(":")[:4]) if ":" in address else address  # a house has all of its IPv6 network
        times = self._times.setdefault(network, deque())
        self._times.move_to_end(network)
        while times and now - times[0] > 60:
            times.popleft()
        while len(self._times) > ADDRESSES:
            self._times.popitem(last=False)
        if len(times) >= self.most:
            return False
        times.append(now)
        return True
