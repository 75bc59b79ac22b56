"""What a worker makes between runs: tables of comparisons, answers of the advisor, estimates. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.serving.messages import AdviceTask, EstimateTask, TableTask


def table_task(folder: Path) -> TableTask:
    """Make the table of a comparison's folder."""
    return {"type": "compare", "folder": str(folder)}


def advice_task(root: Path, dataset: str, data: Mapping[str, Any]) -> AdviceTask:
    """Write what the advisor reads off these data."""
    return {"type": "advise", "runs": str(root), "dataset": dataset, "data": dict(data)}


def estimate_task(root: Path, config: RunConfig) -> EstimateTask:
    """Estimate what a run of this config costs."""
    return {"type": "estimate", "runs": str(root), "config": config.to_json()}
