"""The track record: how often the advice was right, in the open.

hit         said "interaction" and it won by more than a point, or said otherwise and it did not
miss        the reverse
abstention  said nothing: neither right nor wrong, but counted
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class TrackRecord:
    """How often the advisor's family won, lost, or was not named, over data on which methods have met."""

    hits: int
    misses: int
    abstentions: int

    @property
    def share(self) -> float | None:
        """Hits of those that were answered; None before the first."""
        answered = self.hits + self.misses
        return self.hits / answered if answered else None


def track_record(past: Iterable[tuple[str | None, bool]]) -> TrackRecord:
    """past: (the advised family or None for an abstention, whether an interaction method then won by more than a point)."""
    hits = misses = abstentions = 0
    for family, won in past:
        if family is None:
            abstentions += 1
        elif (family == "interaction") == won:
            hits += 1
        else:
            misses += 1
    return TrackRecord(hits, misses, abstentions)
