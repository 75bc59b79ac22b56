"""Writes `catalog.json` from the shipped classes. Run `python -m core catalog --write` after adding a method."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import core
from core.balancing import STRATEGIES
from core.catalog import CATALOG_FILE
from core.catalog.describe import Entry, describe
from core.config import RUN_PARAMETERS
from core.data import DATASETS
from core.encoders import ENCODERS
from core.fusion import FUSIONS
from core.objectives import OBJECTIVES
from core.targets import TARGETS
from core.training.learners import SAMPLERS, UPDATE_RULES

SHELVES: dict[str, Iterable[Any]] = {
    "datasets": DATASETS.values(),
    "encoders": ENCODERS,
    "fusions": FUSIONS.values(),
    "objectives": OBJECTIVES.values(),
    "strategies": STRATEGIES.values(),
    "targets": TARGETS.values(),
    "update_rules": UPDATE_RULES.values(),
    "samplers": SAMPLERS.values(),
}


def build() -> Entry:
    """The shipped catalogue as plain data: facts and texts, nothing that follows from them."""
    shelves = {shelf: [describe(item) for item in items] for shelf, items in SHELVES.items()}
    return {"engine": core.__version__, **shelves, "run": [parameter.to_json() for parameter in RUN_PARAMETERS]}


def text() -> str:
    """The file's text."""
    return json.dumps(build(), ensure_ascii=False, indent=1) + "\n"


def write() -> None:
    """Put it where `core.catalog` reads it."""
    CATALOG_FILE.write_text(text(), encoding="utf-8")
