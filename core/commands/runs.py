"""The list of runs."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.paths import as_typed
from core.runs import Runs, Summary
from core.runs.contents import one_line
from core.runs.version import is_newer

HELP = "the runs in a folder, the newest first"
NAMED = 6  # runs that a line about many names
SCARCE_MB = 20.0  # of free disk: the next run would fill it


def arguments(parser: argparse.ArgumentParser, default_runs: Path) -> None:
    """The options of this command."""
    parser.add_argument("--runs", type=Path, default=default_runs, metavar="DIR", help="the runs folder")
    parser.add_argument("--json", action="store_true", help="a JSON list")


def execute(options: argparse.Namespace) -> int:
    """Do it, print the outcome; the exit code: 0 done, 1 a run failed, 2 a choice that cannot be."""
    runs = Runs(options.runs)
    summaries = runs.summaries(sizes=options.json)
    if options.json:
        print(json.dumps([_plain(item) for item in summaries], ensure_ascii=False))
    else:
        _print(runs, summaries)
    runs.keep_list()
    return 0


def _print(runs: Runs, summaries: Sequence[Summary]) -> None:
    if not summaries:
        print(as_typed(f"No runs in {runs.root} yet; `python -m core train --dataset interactions` makes one."))
    for item in summaries:
        if not is_newer(item.problem):
            print(_line(item))
    for line in _notes(runs, summaries):
        print(line)


def _notes(runs: Runs, summaries: Sequence[Summary]) -> Iterator[str]:
    """What concerns the folder as a whole: runs of a newer version, what crashes left, a full disk."""
    newer = [item for item in summaries if is_newer(item.problem)]
    if newer:
        engines = sorted({str(item.problem.values["engine"]) for item in newer if item.problem})
        names = ", ".join(item.run for item in newer[:NAMED]) + (" ..." if len(newer) > NAMED else "")
        runs_ = "1 run was" if len(newer) == 1 else f"{len(newer)} runs were"
        yield f"{runs_} made by a newer version of Fusionarium ({', '.join(engines)}): {names}. They are kept; update this one to open them."
    if left := runs.leftover_mb():
        yield f"Crashes left {left:.1f} MB of half-written and half-deleted files; the next start of {as_typed('`python -m dashboard`')} clears them."
    free = shutil.disk_usage(runs.root).free / 1e6
    if free < SCARCE_MB:
        yield f"The disk of {runs.root} is full ({free:.1f} MB free); delete runs that you no longer need, then go on with those that stopped."


def _plain(item: Summary) -> dict[str, object]:
    return {
        "run": item.run,
        "status": item.status.get("status", "newer" if is_newer(item.problem) else "broken"),
        "config": item.config,
        "metrics": item.metrics,
        "seconds": item.status.get("seconds"),
        "bytes": item.bytes,
        "problem": str(item.problem) if item.problem else None,
    }


def _line(item: Summary) -> str:
    if item.problem:
        return f"{item.run}  broken    {one_line(str(item.problem))}"
    config, status = item.config, item.status["status"]
    accuracy = item.metrics.get("test/accuracy")
    figure = "" if accuracy is None else f"accuracy {accuracy:.3f}" if abs(accuracy) < 1e6 else f"accuracy {accuracy:g}"
    choice = f"{config['dataset']} {config['fusion']} {config['objective']} seed {config['seed']}"
    why = one_line(item.status.get("message") or "") if status in ("stopped", "failed") else ""
    return f"{item.run}  {status:<9} {choice:<60} {figure}{'  ' if figure and why else ''}{why}".rstrip()
