"""Where comparisons are stored on disk, and how they are read.

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
from typing import Any, cast

from core import catalog
from core.compare.comparison import Comparison
from core.compare.types import ComparisonTable
from core.errors import RunError
from core.runs import store

FOLDER = "comparisons"
SPEC, TABLE, PROBLEM = "comparison.json", "table.json", "problem.json"
TABLE_FORMAT = 4  # goes up when a table gets other keys: older ones are made again
BASELINES = 2  # goes up when the same data get other baselines


def place(root: Path, comparison: Comparison) -> Path:
    """The folder of a comparison, whether it is there or not."""
    return root / FOLDER / comparison.id


def baselines_path(root: Path, comparison: Comparison) -> Path:
    """Where the baselines of a comparison's data and figure lie; all comparisons of these share them."""
    config = comparison.configs()[0]
    digest = data_digest(config.dataset, config.data_settings, comparison.metric, BASELINES)
    return root / FOLDER / "baselines" / f"{digest}.json"


def data_digest(dataset: str, data: Mapping[str, Any], *more: Any) -> str:
    """12 hex digits of a data set's content with these settings, and of what else decides a file's content."""
    content = [dataset, catalog.dataset(dataset)["content"], dict(data), *more]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def read_table(root: Path, comparison: Comparison) -> ComparisonTable | None:
    """The newest table, None where there is none that can be read."""
    try:
        found = store.read_json(place(root, comparison) / TABLE)
    except RunError:
        return None
    fits = isinstance(found, dict) and (found.get("format"), found.get("id")) == (TABLE_FORMAT, comparison.id)
    return cast(ComparisonTable, found) if fits else None


def read_problem(root: Path, comparison: Comparison) -> str:
    """Why the newest table could not be made; "" when it could."""
    try:
        return str(store.read_json(place(root, comparison) / PROBLEM)["message"])
    except (RunError, KeyError, TypeError):
        return ""


def write_spec(root: Path, comparison: Comparison) -> None:
    """Write what is compared, unless it stands there. Takes a disk's time: not under a lock that others want."""
    path = place(root, comparison) / SPEC
    spec = comparison.to_json()
    with suppress(RunError):
        if store.read_json(path) == spec:
            return
    store.write_json(path, spec)


def write_problem(folder: Path, error: RunError) -> None:
    """Why the newest table of a comparison's folder could not be made."""
    with suppress(RunError):  # the folder is gone, the disk is full
        store.write_json(folder / PROBLEM, {"message": str(error)})
