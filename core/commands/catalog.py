"""What can be chosen."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from core.catalog import catalog, compatibility, parameters, problems, text

HELP = "what can be chosen: data sets, fusions, objectives, with formulas and parameters"


def arguments(parser: argparse.ArgumentParser, default_runs: Path) -> None:
    """The options of this command."""
    parser.add_argument(
        "--json", action="store_true", help="the whole catalogue, and what goes with what, as one JSON object"
    )
    parser.add_argument("--write", action="store_true", help="write core/catalog/catalog.json from the classes")


def execute(options: argparse.Namespace) -> int:
    """Do it, print the outcome; the exit code: 0 done, 1 a run failed, 2 a choice that cannot be."""
    if options.write:
        from core.catalog import writer  # brings torch: only where the classes are needed

        writer.write()
        return 0
    for problem in problems():
        print(problem, file=sys.stderr)
    if options.json:
        print(json.dumps({**catalog(), "goes_with": compatibility.goes_with()}, ensure_ascii=False))
        return 0
    for shelf in ("datasets", "fusions", "objectives"):
        print(shelf)
        for entry in catalog()[shelf]:
            print(f"  {entry['name']:<18} {entry['stage']:<10} {text(entry, 'idea')}")
            for p in parameters(entry):
                span = ", ".join(p.choices) or (f"{p.low} to {p.high}" if p.low is not None else "")
                print(f"      {p.name:<16} {p.default!s:<12} {span}")
    return 0
