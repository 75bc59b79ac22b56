"""What a comparison reads of one run's folder: its state, its metric, the scores of its test samples, its costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from core.compare.clock import Spent
from core.compare.ranges import possible
from core.compare.robust import Table as Missing
from core.compare.types import SeedProblem
from core.config import RunConfig
from core.errors import RunError
from core.runs import Runs, prediction_file, run_id, store
from core.runs.prediction_file import Kept
from core.runs.types import Costs, Result, Status

KEY = "test/{metric}"


@dataclass(frozen=True)
class Reading:
    """A run as a comparison sees it; `value` is None until it is finished."""

    run: str
    state: str = "absent"
    value: float | None = None
    scores: Kept | None = None
    spent: Spent | None = None
    costs: Costs = field(default_factory=lambda: Costs())
    parts: Mapping[str, float] = field(default_factory=dict)
    missing: Missing = field(default_factory=dict)
    problem: SeedProblem | None = None


Readings = dict[int, Reading]  # by seed


def readings(runs: Runs, configs: list[RunConfig], metric: str) -> Readings:
    """The runs of a method, by seed."""
    return {config.seed: reading(runs, config, metric) for config in configs}


def reading(runs: Runs, config: RunConfig, metric: str) -> Reading:
    """One run; what cannot be read counts as failed, and says why."""
    run = run_id(config)
    folder = store.find_run(runs.root, run)
    if folder is None:
        return Reading(run)
    try:
        status = store.read_status(folder)
        if status["status"] == "failed":
            return Reading(run, "failed", problem=_problem(status, config.seed))
        if status["status"] == "finished":
            return _finished(run, folder, metric)
        return Reading(run, status["status"])
    except (RunError, KeyError, TypeError, ValueError, OverflowError) as error:
        broken = SeedProblem(error=None, values={}, message=str(error), seed=config.seed)
        return Reading(run, "failed", problem=broken)


def _problem(status: Status, seed: int) -> SeedProblem:
    return SeedProblem(error=status.get("error"), values=status.get("values"), message=status.get("message"), seed=seed)


def _finished(run: str, folder: Path, metric: str) -> Reading:
    result = store.read_result(folder)
    key = KEY.format(metric=metric)
    value = result["metrics"].get(key)
    under = f"{key}/"
    parts = {name.removeprefix(under): v for name, v in result["metrics"].items() if name.startswith(under)}
    for name, score in {"": value, **parts}.items():
        if score is not None and not possible(metric, score):
            raise RunError("broken_run", name=run, reason=f"result.json: {under if name else key}{name} is {score:g}")
    return Reading(
        run,
        "finished",
        value,
        None if value is None else prediction_file.read_scores(folder, metric, value),
        _spent(folder, result),
        cast(Costs, {name: value for name, value in result.items() if name in Costs.__annotations__}),
        parts,
        result.get("missing") or {},
    )


def _spent(folder: Path, result: Result) -> Spent:
    cpu = result.get("cpu_seconds")
    return Spent(
        float(result["seconds"]),
        float(cpu) if cpu is not None and store.is_number(cpu) else None,
        int(result.get("together") or 1),
        store.read_table(folder / "config.json").get("device_kind", "cpu") == "cpu",
    )
