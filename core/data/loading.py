"""Loaded tasks stay in a warm process: the second run on the same data starts at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from core.catalog.parameters import Value
from core.config import RunConfig
from core.data import DATASETS
from core.data.base import Task
from core.data.check import check_task


def load_task(dataset: str, parameters: dict[str, Any]) -> Task:
    """The checked task of a data set's name and parameters; at most four are kept."""
    return _load(dataset, tuple(sorted(parameters.items())))


def task_of(config: RunConfig) -> Task:
    """The task that a run trains on: with `new_data` its seed's own training samples, beside the same test samples."""
    drawn = {"draw": config.seed} if config.new_data else {}
    return load_task(config.dataset, {**config.data_settings, **drawn})


@lru_cache(maxsize=4)
def _load(dataset: str, parameters: tuple[tuple[str, Value], ...]) -> Task:
    return check_task(DATASETS[dataset].load(**dict(parameters)))
