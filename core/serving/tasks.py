"""What a worker makes between runs: tables of comparisons, answers of the advisor, estimates. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.config import RunConfig

Task = dict[str, Any]  # a line of JSON to a worker: "job" says which, the other keys are its arguments


def table_task(folder: Path) -> Task:
    """Make the table of a comparison's folder."""
    return {"job": "compare", "folder": str(folder)}


def advice_task(root: Path, dataset: str, data: Mapping[str, Any]) -> Task:
    """Write what the advisor reads off these data."""
    return {"job": "advise", "runs": str(root), "dataset": dataset, "data": dict(data)}


def estimate_task(root: Path, config: RunConfig) -> Task:
    """Estimate what a run of this config costs."""
    return {"job": "estimate", "runs": str(root), "config": config.to_json()}
