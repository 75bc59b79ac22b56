"""What run folders record of each modality: its share of the gradient, and whether its encoder is under-trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import MetricError
from core.metrics.gradient_share import mean_gradient_share
from core.runs.contents import are_numbers, read_records
from core.runs.types import Result

UNDER_TRAINED = 0.05  # of accuracy that a probe of the encoder lacks against the same encoder trained alone


def gradient_shares(folder: Path) -> dict[str, float]:
    """modality -> its mean share of the gradient norms in this run's records; {} where they hold none."""
    try:
        return mean_gradient_share(read_records(folder))
    except MetricError:  # records that nobody of ours wrote
        return {}


def with_gradient_shares(folder: Path, result: Result) -> Result:
    """The result of a run; one from before 0.2 lacks its gradient shares, which its records hold."""
    kept = result.get("gradient_share")
    if isinstance(kept, dict) and are_numbers(kept.values()):
        return result
    return {**result, "gradient_share": gradient_shares(folder)}


def against_alone(metrics: Mapping[str, float], alone: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    """modality -> "accuracy" of the run on it alone, and "under_trained": whether a linear probe of its encoder in the run
    with these metrics falls short of that by more than UNDER_TRAINED; None where it was not probed."""
    compared = {}
    for name, accuracy in alone.items():
        probe = metrics.get(f"test/probe/{name}")
        compared[name] = {
            "accuracy": accuracy,
            "under_trained": None if probe is None else probe < accuracy - UNDER_TRAINED,
        }
    return compared
