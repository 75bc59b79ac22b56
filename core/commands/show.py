"""One run."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from core.runs import Runs, store
from core.runs.contents import one_line

HELP = "one run: its config, status, last metrics and history"


def arguments(parser: argparse.ArgumentParser, default_runs: Path) -> None:
    """The options of this command."""
    parser.add_argument("run", help="the run's 12 characters")
    parser.add_argument("--runs", type=Path, default=default_runs, metavar="DIR", help="the runs folder")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def execute(options: argparse.Namespace) -> int:
    """Do it, print the outcome; the exit code: 0 done, 1 a run failed, 2 a choice that cannot be."""
    runs = Runs(options.runs)
    folder = runs.folder(options.run)
    summary = runs.summary(folder)
    if summary.problem:
        raise summary.problem
    found = {
        "run": options.run,
        "config": summary.config,
        "status": summary.status,
        "metrics": summary.metrics,
        "history": store.read_records(folder),
    }
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for name, value in summary.config.items():
        print(f"{one_line(name, 40):<20} {one_line(str(value))}")
    print(f"{'status':<20} {summary.status['status']} {one_line(summary.status.get('message') or '')}")
    if others := int(summary.status.get("together") or 1) - 1:
        print(f"{'trained together with':<20} {others} other seed{'s' if others > 1 else ''}")
    for name, value in summary.metrics.items():
        print(f"{one_line(name, 80):<32} {value:{'.4f' if abs(value) < 1e6 else 'g'}}")
    return 0
