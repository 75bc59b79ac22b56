"""The list of runs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from core.runs import Runs, Summary

HELP = "the runs in a folder, the newest first"


def arguments(parser: argparse.ArgumentParser, default_runs: Path) -> None:
    parser.add_argument("--runs", type=Path, default=default_runs, metavar="DIR", help="the runs folder")
    parser.add_argument("--json", action="store_true", help="a JSON list")


def execute(options: argparse.Namespace) -> int:
    summaries = Runs(options.runs).summaries()
    if options.json:
        print(json.dumps([_plain(item) for item in summaries], ensure_ascii=False))
        return 0
    if not summaries:
        print(f"No runs in {options.runs} yet; `python -m core train --dataset interactions` makes one.")
    for item in summaries:
        print(_line(item))
    return 0


def _plain(item: Summary) -> dict[str, object]:
    return {
        "run": item.run,
        "status": item.status.get("status", "broken"),
        "config": item.config,
        "metrics": item.metrics,
        "seconds": item.status.get("seconds"),
        "bytes": item.bytes,
        "problem": str(item.problem) if item.problem else None,
    }


def _line(item: Summary) -> str:
    if item.problem:
        return f"{item.run}  broken    {item.problem}"
    config, status = item.config, item.status["status"]
    accuracy = item.metrics.get("test/accuracy")
    figure = "" if accuracy is None else f"accuracy {accuracy:.3f}"
    choice = f"{config['dataset']} {config['fusion']} {config['objective']} seed {config['seed']}"
    return f"{item.run}  {status:<9} {choice:<60} {figure}"
