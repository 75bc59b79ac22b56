"""Several fusions on the same data, seeds and budget: a line per method, then the verdict."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.commands.train import assignment, count
from core.compare.clock import CLOCKS
from core.compare.comparison import Comparison
from core.compare.types import ComparisonTable, MethodRow
from core.errors import RunError
from core.runs import Runs, store
from core.serving import cpus
from core.serving.executor import Executor

HELP = "train several fusions over several seeds and compare them in pairs; runs that exist are reused"
MARKS = {"cpu": "", "shared": "*", "wall": "+"}  # of the column of seconds
TOLD = {
    "cpu": "of the processor per run, as if alone, validation included",
    "shared": "of the processor per run, its share of seeds that were trained together",
    "wall": "wall clock (an older run, or a graphics card)",
}
PERIOD = 0.2  # seconds between looks at the runs


def arguments(parser: argparse.ArgumentParser, default_runs: Path) -> None:
    """The options of this command."""
    parser.add_argument("--dataset", required=True, metavar="D")
    parser.add_argument("--fusions", required=True, metavar="A,B,C", help="two or more, with commas between")
    parser.add_argument(
        "--objective", metavar="O", default="", help="one for all; by default the one that fits each best"
    )
    parser.add_argument("--seeds", metavar="K", default="5", help="seeds 0 to K - 1 of every method (default 5)")
    parser.add_argument(
        "--control", action="store_true", help="also the first fusion with each modality shuffled (permuted)"
    )
    parser.add_argument(
        "--new-data",
        action="store_true",
        help="every seed draws its own training data, beside the same test samples (data sets that are generated)",
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--epochs", metavar="E")
    budget.add_argument("--seconds", metavar="S", help="a budget a run instead of epochs; depends on the machine")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="any parameter by its dotted name"
    )
    parser.add_argument("--device", metavar="auto", help="auto, cuda, mps or cpu")
    parser.add_argument("--workers", metavar="N", help="runs side by side (default: one a core)")
    parser.add_argument("--runs", type=Path, default=default_runs, metavar="DIR", help="the runs folder")
    parser.add_argument("--json", action="store_true", help="a JSON object a method, then one with the verdict")


def execute(options: argparse.Namespace) -> int:
    """Do it, print the outcome; the exit code: 0 done, 1 a run failed, 2 a choice that cannot be."""
    comparison = chosen(options)
    workers = count(options.workers, "workers") if options.workers is not None else cpus.usable()
    begun = time.perf_counter()
    _train(comparison, options, workers)
    from core.compare.table import table  # scipy: only where it is needed

    summary = table(comparison, Runs(options.runs))
    (_tell_json if options.json else _tell)(summary, time.perf_counter() - begun)
    return 1 if any(row["problem"] for row in summary["methods"]) else 0


def chosen(options: argparse.Namespace) -> Comparison:
    """The checked comparison that these options mean."""
    settings: dict[str, Any] = dict(assignment(text) for text in options.set)
    for name in ("epochs", "seconds", "device"):
        if getattr(options, name) is not None:
            settings[name] = getattr(options, name)
    fusions = [name.strip() for name in options.fusions.split(",") if name.strip()]
    seeds = count(options.seeds, "seeds")
    return Comparison.make(
        options.dataset, fusions, options.objective, seeds, settings, options.control, options.new_data
    )


def _train(comparison: Comparison, options: argparse.Namespace, workers: int) -> None:
    """Train what is lacking, side by side. Ctrl-C stops at the next record; what is done is kept."""
    runs = Runs(options.runs)
    lacking = [run for run in comparison.runs if _state(runs, run) != "finished"]
    if not lacking:
        return
    executor = Executor(options.runs, workers=min(workers, len(lacking)), projects=False)
    try:
        executor.compare(comparison, "command line")
        _watch(executor, runs, comparison.runs, options.json)
    except KeyboardInterrupt:
        for run in lacking:
            executor.stop(run, "command line")
        raise
    finally:
        executor.close()


def _watch(executor: Executor, runs: Runs, names: Sequence[str], quiet: bool) -> None:
    from tqdm import tqdm

    form = "{desc} {n:.0f} of {total:.0f} runs |{bar}| {elapsed} < {remaining}"
    bar = tqdm(total=len(names), bar_format=form, desc="compare", disable=quiet or not sys.stderr.isatty())
    with bar:
        while bar.n < len(names):
            time.sleep(PERIOD)
            if executor.broken:
                raise RunError("no_worker")
            states = [_state(runs, run) if executor.unopened(run) is None else "queued" for run in names]
            bar.n = sum(state not in ("queued", "running") for state in states)
            bar.refresh()


def _state(runs: Runs, run: str) -> str:
    folder = store.find_run(runs.root, run)
    return "absent" if folder is None else str(store.read_status(folder)["status"])


def _tell_json(summary: ComparisonTable, seconds: float) -> None:
    for kind in ("methods", "references"):
        for row in summary[kind]:
            print(json.dumps(_line(row) | {"reference": kind == "references"}, ensure_ascii=False))
    whole = {name: summary[name] for name in ("id", "measure", "lines", "verdict", "population")}
    print(json.dumps({**whole, "seconds": round(seconds, 2)}, ensure_ascii=False), flush=True)


def _line(row: MethodRow) -> dict[str, Any]:
    """A method as plain figures under the names that statistics has for them."""
    kept = {name: value for name, value in row.items() if name not in ("name", "sd", "low", "high", "states")}
    interval = None if row["low"] is None else [row["low"], row["high"]]
    return {"method": row["name"], "std": row["sd"], "interval": interval, **kept}


def _tell(summary: ComparisonTable, seconds: float) -> None:
    from core.stats import sentence_en

    rows = [*summary["methods"], *summary["references"]]
    print(
        f"{'method':<20} {summary['measure']:>9} {'std':>7} {'95 % interval':>17} {'n':>3} {'seconds':>8} {'parameters':>11}"
    )
    for row in rows:
        print(_text(row))
    for line in remarks(rows):
        print(line)
    print("  ".join(f"{name} {value:.3f}" for name, value in summary["lines"].items()))
    print(sentence_en(summary["verdict"]))
    print(summary["population"]["text"])
    for row in summary["methods"]:
        if row["problem"]:
            print(f"{row['name']}, seed {row['problem']['seed']}: {row['problem']['message']}", file=sys.stderr)
    print(f"{seconds:.1f} s")


def remarks(rows: Sequence[MethodRow]) -> list[str]:
    """What the column of seconds counts, and which rows it counts in another way."""
    clocks = {row["clock"] for row in rows if row["clock"]}
    return [f"seconds{MARKS[clock]}: {TOLD[clock]}" for clock in CLOCKS if clock in clocks]


def _text(row: MethodRow) -> str:
    def number(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    interval = "-" if row["low"] is None else f"{row['low']:.3f} to {row['high']:.3f}"
    mark = MARKS.get(row["clock"] or "", "") if row["seconds"] is not None else ""
    return (
        f"{row['name']:<20} {number(row['mean'], '.3f'):>9} {number(row['sd'], '.3f'):>7} {interval:>17} {row['n']:>3} "
        f"{number(row['seconds'], '.1f') + mark:>8} {number(row.get('parameters'), ',d'):>11}"
    )
