"""What a training will cost, before it is launched. A worker estimates it, once per choice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.compare.advice import read
from core.compare.comparison import Comparison
from core.compare.estimates import place
from core.config import RunConfig
from core.serving.tasks import estimate_task
from dashboard.services import executor, runs_root

Estimate = dict[str, Any]


def estimate(config: RunConfig) -> Estimate | None:
    """A worker's figures, or its "problem"; None before it has answered."""
    return read(place(runs_root(), config))


def known(config: RunConfig) -> bool:
    """Whether a worker has answered already, be it that it cannot be trained; or nobody is left to answer."""
    return estimate(config) is not None or executor().broken


def known_all(comparison: Comparison, lacking: set[str]) -> bool:
    """Whether a worker has answered what each row costs of which runs are lacking."""
    return all(known(config) for config, _ in rows(comparison, lacking))


def rows(comparison: Comparison, lacking: set[str]) -> list[tuple[RunConfig, int]]:
    """For each row that lacks runs: its first config, and how many are lacking."""
    table = comparison.methods() | comparison.references()
    counted = [(table[name][0], len(lacking.intersection(runs))) for name, runs in comparison.runs_of.items()]
    return [(first, count) for first, count in counted if count]


def request(configs: Iterable[RunConfig]) -> None:
    """Ask a warm worker; none is started for this. Where none will ever be warm, the next click on Train says so."""
    for task in (estimate_task(runs_root(), config) for config in configs):
        if executor().ready and not executor().asking(task):
            executor().ask(task)
