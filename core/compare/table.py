"""The table of a comparison, made of run folders: means, intervals, cost, and what the seeds allow to be said.

    {"format", "id", "comparison", "measure", "methods": [row], "references": [row], "lines": {name: value}, "verdict", "bits": {part: bits},
     "done", "runs"}
    row = {"name", "objective", "n", "mean", "sd", "low", "high", "values": {seed: v}, "runs": {seed: id},
           "states": {seed: status}, "seconds", "parameters", "robustness", "effective", "parts": {part: mean}, "curves": {"loss" | "score": [point]},
           "problem"}
    point = {"epoch", "mean", "low", "high"} over the finished seeds

Parts are what a label is made of, where the data know it; `bits` is what they hold of each. `robustness` and `effective` are
those of core/compare/robust.py, the second against the first late method. Only finished runs count. A method whose run
failed keeps its other seeds, and `problem` says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from core import catalog, store
from core.compare.comparison import Comparison
from core.compare.desk import PROBLEM, SPEC, TABLE, TABLE_FORMAT, baselines_path
from core.compare.robust import Table as Missing
from core.compare.robust import area, effective
from core.config import RunConfig
from core.errors import RunError
from core.runs import Runs, run_id
from core.stats import interval, verdict

COSTS = ("parameters", "flops", "bytes")  # of result.json, the same for every seed
KEY = "test/{measure}"
LATE = "decision"  # the stage
Reads = dict[int, dict[str, Any]]  # seed -> what its run's folder says


def update(folder: Path, runs: Runs) -> dict[str, Any]:
    """Write the table of a comparison's folder anew; the table. What goes wrong is written beside it, and raised."""
    try:
        found = table(Comparison.from_json(store.read_json(folder / SPEC)), runs)
        store.write_json(folder / TABLE, found)
    except Exception as error:
        store.write_json(folder / PROBLEM, {"message": f"{type(error).__name__}: {error}"})
        raise
    (folder / PROBLEM).unlink(missing_ok=True)
    return found


def table(comparison: Comparison, runs: Runs) -> dict[str, Any]:
    """What is known by now; to be made again whenever a run ends."""
    key = KEY.format(measure=comparison.measure)
    reads = {name: _reads(configs, runs, key) for name, configs in comparison.methods().items()}
    late = next((reads[name] for name in reads if catalog.fusion(name)["stage"] == LATE), {})
    methods = [_row(name, configs, runs, key, reads[name], late) for name, configs in comparison.methods().items()]
    references = [
        _row(name, configs, runs, key, _reads(configs, runs, key), {})
        for name, configs in comparison.references().items()
    ]
    states = [state for row in (*methods, *references) for state in row["states"].values()]
    return {
        "format": TABLE_FORMAT,
        "id": comparison.id,
        "comparison": comparison.to_json(),
        "measure": comparison.measure,
        "methods": methods,
        "references": references,
        "lines": _lines(comparison, baselines_path(runs.root, comparison)),
        "verdict": verdict({row["name"]: row["values"] for row in methods}),
        "bits": next(filter(None, (_bits(runs, row) for row in methods)), {}),
        "done": sum(state in ("finished", "failed") for state in states),
        "runs": len(states),
    }


def _lines(comparison: Comparison, path: Path) -> dict[str, float]:
    """The baselines, from the file where they are there."""
    if not path.exists():
        from core.compare.baselines import baselines  # torch: only where the data are needed

        store.write_json(path, baselines(comparison))
    return dict(store.read_json(path))


def _reads(configs: list[RunConfig], runs: Runs, key: str) -> Reads:
    return {config.seed: _read(runs, config, key) for config in configs}


def _row(name: str, configs: list[RunConfig], runs: Runs, key: str, found: Reads, late: Reads) -> dict[str, Any]:
    """A method over its seeds; what it bears, held against the `late` one."""
    values = {seed: run["value"] for seed, run in found.items() if run["value"] is not None}
    spread = interval(list(values.values()))
    seconds = [run["seconds"] for run in found.values() if run["seconds"] is not None]
    costs: dict[str, Any] = next((run["costs"] for run in found.values() if run["costs"]), {})
    return {
        "name": name,
        "objective": configs[0].objective,
        "n": spread.n,
        **{part: _known(getattr(spread, part)) for part in ("mean", "sd", "low", "high")},
        "values": values,
        "runs": {seed: run["run"] for seed, run in found.items()},
        "states": {seed: run["state"] for seed, run in found.items()},
        "seconds": fmean(seconds) if seconds else None,
        **costs,
        "robustness": _mean([area(run["missing"]) for run in found.values()]),
        "effective": effective(_missing(found), _missing(late)) if found is not late else None,
        "parts": _parts([run["parts"] for run in found.values() if run["value"] is not None]),
        "curves": {
            name: _curve(runs, list(found.values()), of) for name, of in (("loss", "test/loss"), ("score", key))
        },
        "problem": next((run["problem"] for run in found.values() if run["problem"]), None),
    }


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _missing(found: Reads) -> dict[int, Missing]:
    return {seed: run["missing"] for seed, run in found.items() if run["missing"]}


def _parts(found: list[Mapping[str, float]]) -> dict[str, float]:
    """Each part's mean over the seeds."""
    return {name: fmean(parts[name] for parts in found) for name in (found[0] if found else ())}


def _bits(runs: Runs, row: Mapping[str, Any]) -> dict[str, float]:
    """What the data hold of each part, from a finished run's account of them; {} where there is none."""
    for seed in row["values"]:
        try:
            return dict(store.read_table(runs.root / row["runs"][seed] / "probe.json").get("information") or {})
        except (RunError, ValueError, TypeError):
            continue
    return {}


def _curve(runs: Runs, found: list[dict[str, Any]], key: str) -> list[dict[str, float]]:
    """The figure at every validation: mean and extremes over the finished seeds that reached it."""
    by_epoch: dict[float, list[float]] = {}
    for run in found:
        for record in store.read_records(runs.root / run["run"]) if run["state"] == "finished" else ():
            if key in record:
                by_epoch.setdefault(record["epoch"], []).append(record[key])
    points = sorted(by_epoch.items())
    return [{"epoch": epoch, "mean": fmean(seen), "low": min(seen), "high": max(seen)} for epoch, seen in points]


def _read(runs: Runs, config: RunConfig, key: str) -> dict[str, Any]:
    """One run: its state, and its figure where it is finished."""
    run = run_id(config)
    found: dict[str, Any] = {
        "run": run,
        "state": "absent",
        "value": None,
        "seconds": None,
        "costs": {},
        "parts": {},
        "missing": {},
        "problem": None,
    }
    folder = store.find_run(runs.root, run)
    if folder is None:
        return found
    try:
        status = store.read_status(folder)
        found["state"] = status["status"]
        if status["status"] == "failed":
            named = {name: status.get(name) for name in ("error", "values", "message")}
            found["problem"] = {**named, "seed": config.seed}
        if status["status"] == "finished":
            result: Mapping[str, Any] = store.read_json(folder / "result.json")
            found["value"], found["seconds"] = result["metrics"].get(key), result["seconds"]
            found["costs"] = {name: result[name] for name in COSTS if name in result}
            found["missing"] = result.get("missing") or {}
            under = f"{key}/"
            found["parts"] = {n.removeprefix(under): v for n, v in result["metrics"].items() if n.startswith(under)}
    except (RunError, KeyError, TypeError) as error:
        found |= {
            "state": "failed",
            "problem": {"error": None, "values": {}, "message": str(error), "seed": config.seed},
        }
    return found


def _known(value: float) -> float | None:
    return value if value == value else None  # NaN: one seed has no spread
