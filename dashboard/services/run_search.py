"""The runs that a person wants of a long list: searched, filtered, sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.runs import Summary, is_newer
from dashboard.services.training import LIVE

Titles = Callable[[Summary], Iterable[str]]  # of a run's data and method, in the person's language
SORTS: dict[str, Callable[[Summary], Any]] = {
    "newest": lambda item: (-item.created, item.run),
    "oldest": lambda item: (item.created, item.run),
    "name": lambda item: (str(item.label.get("name") or "\U0010ffff").casefold(), item.run),
    "accuracy": lambda item: (-_accuracy(item), item.run),
    "size": lambda item: (-(item.bytes or 0), item.run),
}


@dataclass(frozen=True)
class Filter:
    """Which runs, in which order; "" is all."""

    text: str = ""
    dataset: str = ""
    fusion: str = ""
    state: str = ""
    starred: bool = False
    sort: str = "newest"


def select(summaries: Sequence[Summary], wanted: Filter, titles: Titles = lambda item: ()) -> list[Summary]:
    """Those that the filter lets through, in its order."""
    words = wanted.text.casefold().split()
    chosen = [
        item
        for item in summaries
        if (not wanted.dataset or item.config.get("dataset") == wanted.dataset)
        and (not wanted.fusion or item.config.get("fusion") == wanted.fusion)
        and (not wanted.state or state_of(item) == wanted.state)
        and (not wanted.starred or item.label.get("star"))
        and (not words or all(word in _searched(item, titles) for word in words))
    ]
    return chosen if wanted.sort == "newest" else sorted(chosen, key=SORTS[wanted.sort])


def state_of(item: Summary) -> str:
    """Its status, or why it has none: "newer" or "broken"."""
    if item.problem:
        return "newer" if is_newer(item.problem) else "broken"
    return str(item.status["status"])


def is_kept(item: Summary) -> bool:
    """Runs that wait or train, and those of a newer version, which is able to open them: no reset deletes them."""
    return item.status.get("status") in LIVE or is_newer(item.problem)


def size_mb(items: Iterable[Summary]) -> float:
    """What these take on disk."""
    return sum(item.bytes or 0 for item in items) / 1e6


def _accuracy(item: Summary) -> float:
    return float(item.metrics.get("test/accuracy", float("-inf")))


def _searched(item: Summary, titles: Titles) -> str:
    """What a search looks at."""
    config = item.config
    own = (item.run, item.label.get("name", ""), config.get("dataset", ""), config.get("fusion", ""))
    return " ".join([*map(str, own), str(config.get("objective", "")), *titles(item)]).casefold()
