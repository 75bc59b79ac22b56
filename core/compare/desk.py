"""Where comparisons lie, and what a worker has to make beside the runs: tables out of date, questions to the advisor.

    <runs>/comparisons/<id>/comparison.json    what is compared
    <runs>/comparisons/<id>/table.json         what is known by now
    <runs>/comparisons/<id>/problem.json       why the newest table could not be made; absent when it could
    <runs>/comparisons/baselines/<data>.json   what the data alone say, made once

Torch-free. A table is small and made of run folders alone, so it is made anew rather than changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core import catalog
from core.compare.comparison import Comparison
from core.config import RunConfig
from core.errors import RunError
from core.runs import store

FOLDER = "comparisons"
SPEC, TABLE, PROBLEM = "comparison.json", "table.json", "problem.json"
TABLE_FORMAT = 4  # goes up when a table gets other keys: older ones are made again
BASELINES = 2  # goes up when the same data get other baselines
Job = dict[str, Any]  # what a worker is told
MOST_OPEN = 500  # comparisons whose tables are kept up to date
MOST_DUE = 100  # questions that may wait


def place(root: Path, comparison: Comparison) -> Path:
    """The folder of a comparison, whether it is there or not."""
    return root / FOLDER / comparison.id


def baselines_path(root: Path, comparison: Comparison) -> Path:
    """Where the baselines of a comparison's data and figure lie; all comparisons of these share them."""
    config = comparison.configs()[0]
    digest = data_digest(config.dataset, config.data_settings, comparison.measure, BASELINES)
    return root / FOLDER / "baselines" / f"{digest}.json"


def data_digest(dataset: str, data: Mapping[str, Any], *more: Any) -> str:
    """12 hex digits of a data set's content with these settings, and of what else decides a file's content."""
    content = [dataset, catalog.dataset(dataset)["content"], dict(data), *more]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def read_table(root: Path, comparison: Comparison) -> dict[str, Any] | None:
    """The newest table, None where there is none that can be read."""
    try:
        found = store.read_json(place(root, comparison) / TABLE)
    except RunError:
        return None
    fits = isinstance(found, dict) and (found.get("format"), found.get("id")) == (TABLE_FORMAT, comparison.id)
    return found if fits else None


def read_problem(root: Path, comparison: Comparison) -> str:
    """Why the newest table could not be made; "" when it could."""
    try:
        return str(store.read_json(place(root, comparison) / PROBLEM)["message"])
    except (RunError, KeyError, TypeError):
        return ""


def table_job(folder: Path) -> Job:
    """Make the table of a comparison's folder."""
    return {"job": "compare", "folder": str(folder)}


def advice_job(root: Path, dataset: str, data: Mapping[str, Any]) -> Job:
    """Ask the advisor what these data say."""
    return {"job": "advise", "runs": str(root), "dataset": dataset, "data": dict(data)}


def estimate_job(root: Path, config: RunConfig) -> Job:
    """Estimate what a run of this config costs."""
    return {"job": "estimate", "runs": str(root), "config": config.to_json()}


class Desk:
    """Remembers which comparisons a run belongs to, and hands out what is due, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._runs: dict[Path, set[str]] = {}
        self._due: list[Job] = []

    def write(self, comparison: Comparison) -> None:
        """Write down what is compared, unless it stands there. Takes a disk's time: not under a lock that others want."""
        path = place(self.root, comparison) / SPEC
        spec = comparison.to_json()
        with suppress(RunError):
            if store.read_json(path) == spec:
                return
        store.write_json(path, spec)

    def open(self, comparison: Comparison) -> Path:
        """Begin, or go on with, a comparison; its table is due."""
        self.write(comparison)
        return self.add(comparison)

    def add(self, comparison: Comparison) -> Path:
        """The part of `open` that is in memory: of a comparison that is written."""
        folder = place(self.root, comparison)
        self._runs.pop(folder, None)
        self._runs[folder] = set(comparison.runs)
        while len(self._runs) > MOST_OPEN:  # the one that nobody has asked for longest
            del self._runs[next(iter(self._runs))]
        self.want(table_job(folder))
        return folder

    def ended(self, run: str) -> None:
        """A run is over: the tables that it stands in are due."""
        for folder, runs in self._runs.items():
            if run in runs:
                self.want(table_job(folder))

    def want(self, job: Job) -> None:
        """This is due, unless it is already."""
        if not self.waits(job):
            self._due.append(job)

    @property
    def full(self) -> bool:
        """Whether so much is due that questions have to be put again later; tables, of which there are few, have not."""
        return len(self._due) >= MOST_DUE

    def waits(self, job: Job) -> bool:
        """Whether this is due and in nobody's hands yet."""
        return job in self._due

    def next(self) -> Job | None:
        """What is due first, or None."""
        return self._due.pop(0) if self._due else None
