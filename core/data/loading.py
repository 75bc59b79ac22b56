"""Loaded tasks stay in a warm process: the second run on the same data starts at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from core import catalog
from core.catalog import Entry
from core.catalog.implementation import implementation
from core.catalog.parameters import Value
from core.config import RunConfig
from core.data.base import Task
from core.data.check import check_task


@dataclass(frozen=True)
class _Source:
    """Whose tensors are kept: data of the same class, name and content are the same."""

    cls: str
    name: str
    content: str
    entry: Entry = field(compare=False)


def load_task(dataset: str | Entry, parameters: dict[str, Any]) -> Task:
    """The checked task of a data set, by name or entry, with these parameters; at most four are kept."""
    entry = catalog.dataset(dataset) if isinstance(dataset, str) else dataset
    return _load(_Source(entry["class"], entry["name"], entry["content"], entry), tuple(sorted(parameters.items())))


def task_of(config: RunConfig) -> Task:
    """The task that a run trains on: with `new_data` its seed's own training samples, beside the same test samples."""
    drawn = {"draw": config.seed} if config.new_data else {}
    return load_task(config.choice.dataset, {**config.data_settings, **drawn})


@lru_cache(maxsize=4)
def _load(source: _Source, parameters: tuple[tuple[str, Value], ...]) -> Task:
    return check_task(implementation(source.entry).load(**dict(parameters)))
