"""The table of a comparison, made of run folders: means, intervals, cost, and what the seeds allow to be said.

What stands in it is in core/compare/types.py. Only finished runs count; a method whose run failed keeps its other seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

from core import catalog
from core.compare.bands import band
from core.compare.clock import cost
from core.compare.comparison import Comparison
from core.compare.files import PROBLEM, SPEC, TABLE, TABLE_FORMAT, baselines_path
from core.compare.judge import judged, population, scores_of
from core.compare.ranges import bounds
from core.compare.readings import KEY, Reading, Readings, readings
from core.compare.robust import Table as Missing
from core.compare.robust import area, effective
from core.compare.types import Bits, ComparisonTable, CurvePoint, MethodRow
from core.errors import RunError
from core.runs import Runs, store
from core.runs.prediction_file import Kept
from core.runs.types import Costs
from core.stats.verdict import spread

LATE = "decision"  # the stage
CLEAN = "clean"  # whose bits an older run's probe holds: those of the data without noise, nothing missing


def update(folder: Path, runs: Runs) -> ComparisonTable:
    """Write the table of a comparison's folder anew; the table. What goes wrong is written beside it, and raised."""
    try:
        found = table(Comparison.from_json(store.read_json(folder / SPEC)), runs)
        store.write_json(folder / TABLE, found)
    except Exception as error:
        store.write_json(folder / PROBLEM, {"message": f"{type(error).__name__}: {error}"})
        raise
    (folder / PROBLEM).unlink(missing_ok=True)
    return found


def table(comparison: Comparison, runs: Runs) -> ComparisonTable:
    """What is known by now; to be made again whenever a run ends."""
    metric = comparison.metric
    found = {name: readings(runs, configs, metric) for name, configs in comparison.methods().items()}
    alone = {name: readings(runs, configs, metric) for name, configs in comparison.references().items()}
    late = next((found[name] for name in found if catalog.fusion(name)["stage"] == LATE), {})
    methods = [_row(name, comparison, runs, of, late) for name, of in found.items()]
    references = [_row(name, comparison, runs, of, {}) for name, of in alone.items()]
    values = {name: {seed: run.value for seed, run in of.items()} for name, of in found.items()}
    judgement = judged(values, {name: _kept(of) for name, of in found.items()}, metric)
    states = [state for row in (*methods, *references) for state in row["states"].values()]
    return {
        "format": TABLE_FORMAT,
        "id": comparison.id,
        "comparison": comparison.to_json(),
        "measure": metric,
        "methods": methods,
        "references": references,
        "lines": _lines(comparison, baselines_path(runs.root, comparison)),
        "verdict": judgement,
        "population": population(judgement, comparison.new_data),
        **next(filter(None, (_bits(runs, row) for row in methods)), Bits(bits={})),
        "done": sum(state in ("finished", "failed") for state in states),
        "runs": len(states),
    }


def _lines(comparison: Comparison, path: Path) -> dict[str, float]:
    """The baselines, from the file where they are there."""
    if not path.exists():
        from core.compare.baselines import baselines  # torch: only where the data are needed

        store.write_json(path, baselines(comparison))
    return dict(store.read_json(path))


def _row(name: str, comparison: Comparison, runs: Runs, found: Readings, late: Readings) -> MethodRow:
    """A method over its seeds; what it bears, held against the `late` one."""
    metric = comparison.metric
    values = {seed: run.value for seed, run in found.items() if run.value is not None}
    seconds, clock = cost(run.spent for run in found.values() if run.spent is not None)
    finished = [run for run in found.values() if run.state == "finished"]
    configs = {**comparison.methods(), **comparison.references()}[name]
    return {
        "name": name,
        "objective": configs[0].objective,
        **spread(values, name, scores_of({name: _kept(found)}), bounds=bounds(metric)),
        "values": {str(seed): value for seed, value in values.items()},
        "runs": {str(seed): run.run for seed, run in found.items()},
        "states": {str(seed): run.state for seed, run in found.items()},
        "seconds": seconds,
        "clock": clock,
        **next((run.costs for run in found.values() if run.costs), Costs()),
        "robustness": _mean([area(run.missing) for run in found.values()]),
        "effective": effective(_missing(found), _missing(late)) if found is not late else None,
        "parts": _parts([run.parts for run in found.values() if run.value is not None]),
        "curves": {
            "loss": _curve(runs, finished, "test/loss"),
            "score": _curve(runs, finished, KEY.format(metric=metric)),
        },
        "problem": next((run.problem for run in found.values() if run.problem), None),
    }


def _kept(found: Readings) -> dict[int, Kept | None]:
    return {seed: run.scores for seed, run in found.items()}


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _missing(found: Readings) -> dict[int, Missing]:
    return {seed: run.missing for seed, run in found.items() if run.missing}


def _parts(found: list[Mapping[str, float]]) -> dict[str, float]:
    """Each part's mean over the seeds."""
    return {name: fmean(parts[name] for parts in found) for name in (found[0] if found else ())}


def _bits(runs: Runs, row: MethodRow) -> Bits | None:
    """What the data hold of each part, from a finished run's account of them; None where there is none."""
    for seed in row["values"]:
        try:
            probe = store.read_table(runs.root / row["runs"][seed] / "probe.json")
            bits, rest = (dict(probe.get(name) or {}) for name in ("information", "information_rest"))
        except (RunError, ValueError, TypeError):
            continue
        return Bits(bits=bits, bits_rest=rest, bits_of=probe.get("information_of", CLEAN)) if bits else None
    return None


def _curve(runs: Runs, finished: list[Reading], key: str) -> list[CurvePoint]:
    """The metric at every validation over the finished seeds that reached it."""
    return band((store.read_records(runs.root / run.run) for run in finished), key)
