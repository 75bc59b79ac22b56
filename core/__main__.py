"""The command line: `python -m core catalog | train | compare | advise | runs | show | doctor`.

Exit 0: done. 2: a choice that cannot be, one sentence on standard error. 1: a run that failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from core.commands import advise, catalog, compare, doctor, runs, show, terminal, train
from core.commands.arguments import OneLineParser
from core.errors import FusionariumError

DEFAULT_RUNS = Path(os.environ.get("FUSIONARIUM_RUNS", Path(__file__).resolve().parent.parent / "runs"))
COMMANDS = (catalog, train, compare, advise, runs, show, doctor)


def parser() -> argparse.ArgumentParser:
    """One sub-parser a command; each command module adds its own arguments."""
    top = OneLineParser(prog="python -m core", description="The engine of Fusionarium.")
    commands = top.add_subparsers(dest="command", required=True)
    for module in COMMANDS:
        name = module.__name__.rsplit(".", 1)[1]
        sub = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.arguments(sub, DEFAULT_RUNS)
        sub.set_defaults(execute=module.execute)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    options = parser().parse_args(argv)
    execute: Callable[[argparse.Namespace], int] = options.execute
    try:
        return execute(options)
    except FusionariumError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(terminal.run(main))
