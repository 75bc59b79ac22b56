"""The command `fusionarium`: alone, or with options, it opens the app; with a command it is the engine's command line."""

from __future__ import annotations

import sys

from fusionarium import shadows

NAME = "fusionarium"


def main() -> None:
    """The entry point of the installation; ends the process with the exit status of what was asked for."""
    problem = shadows.in_the_way()
    if problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
    from core.commands import terminal

    sys.exit(terminal.run(lambda: dispatch(sys.argv[1:])))


def dispatch(argv: list[str]) -> int:
    """Run one command line; the exit status. Whatever begins with an option is the app's."""
    if argv and not argv[0].startswith("-"):
        from core.__main__ import main as engine

        return engine(argv, NAME)
    from dashboard.__main__ import main as app

    return app(argv, NAME)
