"""Where comparisons lie and which tables are out of date. Torch-free: a worker writes the tables.

    <runs>/comparisons/<id>/comparison.json    what is compared
    <runs>/comparisons/<id>/table.json         what is known by now
    <runs>/comparisons/<id>/problem.json       why the newest table could not be made; absent when it could
    <runs>/comparisons/baselines/<data>.json   what the data alone say, made once

A table is small and made of run folders alone, so it is made anew rather than changed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from core import catalog, store
from core.compare.comparison import Comparison
from core.errors import RunError
from core.runs import run_id

FOLDER = "comparisons"
SPEC, TABLE, PROBLEM = "comparison.json", "table.json", "problem.json"


def place(root: Path, comparison: Comparison) -> Path:
    """The folder of a comparison, whether it is there or not."""
    return root / FOLDER / comparison.id


def baselines_path(root: Path, comparison: Comparison) -> Path:
    """Where the baselines of a comparison's data and figure lie; all comparisons of these share them."""
    config = comparison.configs()[0]
    content = [
        config.dataset,
        catalog.dataset(config.dataset)["content"],
        dict(config.data_settings),
        comparison.measure,
    ]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
    return root / FOLDER / "baselines" / f"{digest}.json"


def read_table(root: Path, comparison: Comparison) -> dict[str, Any] | None:
    """The newest table, None where there is none that can be read."""
    try:
        found = store.read_json(place(root, comparison) / TABLE)
    except RunError:
        return None
    return found if isinstance(found, dict) and found.get("id") == comparison.id else None


def read_problem(root: Path, comparison: Comparison) -> str:
    """Why the newest table could not be made; "" when it could."""
    try:
        return str(store.read_json(place(root, comparison) / PROBLEM)["message"])
    except (RunError, KeyError, TypeError):
        return ""


class Desk:
    """Remembers which comparisons a run belongs to, and hands out those whose tables are due, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._runs: dict[Path, set[str]] = {}
        self._due: list[Path] = []

    def open(self, comparison: Comparison) -> Path:
        """Begin, or go on with, a comparison; its table is due."""
        folder = place(self.root, comparison)
        store.write_json(folder / SPEC, comparison.to_json())
        self._runs[folder] = {run_id(config) for config in comparison.configs()}
        self._want(folder)
        return folder

    def ended(self, run: str) -> None:
        """A run is over: the tables that it stands in are due."""
        for folder, runs in self._runs.items():
            if run in runs:
                self._want(folder)

    def next(self) -> Path | None:
        """A comparison whose table is due, or None."""
        return self._due.pop(0) if self._due else None

    def _want(self, folder: Path) -> None:
        if folder not in self._due:
            self._due.append(folder)
