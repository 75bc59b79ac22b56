"""The command line: `python -m core catalog | train | compare | advise | runs | show | doctor`, or `fusionarium` instead.

Exit 0: done. 2: a choice that cannot be, one sentence on standard error. 1: a run that failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import core
from core import paths
from core.catalog import read_folder
from core.commands import advise, catalog, compare, doctor, runs, show, terminal, train
from core.commands.arguments import OneLineParser
from core.errors import FusionariumError

COMMANDS = (catalog, train, compare, advise, runs, show, doctor)


def parser(prog: str = "python -m core") -> argparse.ArgumentParser:
    """One sub-parser per command; each command module adds its own arguments."""
    top = OneLineParser(prog=prog, description="The engine of Fusionarium.")
    top.add_argument("--version", action="version", version=f"Fusionarium {core.__version__}")
    runs_folder = paths.default_runs()
    commands = top.add_subparsers(dest="command", required=True)
    for module in COMMANDS:
        name = module.__name__.rsplit(".", 1)[1]
        sub = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.arguments(sub, runs_folder)
        sub.set_defaults(execute=module.execute)
    return top


def main(argv: Sequence[str] | None = None, prog: str = "python -m core") -> int:
    """Run one command; the exit status. `prog` is what people typed, for the usage."""
    options = parser(prog).parse_args(argv)
    execute: Callable[[argparse.Namespace], int] = options.execute
    read_folder(getattr(options, "runs", None) or paths.default_runs())
    try:
        return execute(options)
    except FusionariumError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(terminal.run(main))
