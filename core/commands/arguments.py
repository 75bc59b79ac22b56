"""Argument parsing: one line of error for an invalid argument, and numbers given as text."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import NoReturn

from core.errors import ConfigError, brief

PORTS = (1, 65535)
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")  # more digits are out of every range, and Python refuses thousands of them


class OneLineParser(argparse.ArgumentParser):
    """`argparse` prints its whole usage over an error; here `--help` has it, and the error is a sentence. Exit 2."""

    def error(self, message: str) -> NoReturn:
        line = " ".join(message.split())
        self.exit(2, f"{self.prog}: {line if len(line) < 2000 else line[:1000] + '...'}; see {self.prog} --help.\n")


def whole(given: str | int, label: str, low: int, high: int) -> int:
    """A whole number from `low` to `high` in the digits 0-9; ConfigError naming `label`, the range and what was given."""
    text = brief(given).strip()
    if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
        raise ConfigError("not_whole", label=label, value=given, low=low, high=high)
    return int(text)


def whole_number(label: str, low: int | None = None, high: int | None = None) -> Callable[[str], int]:
    """A type for `add_argument`; without a range any number of up to 18 digits, which the caller looks at."""
    most = 10**18
    bounds = (-most if low is None else low, most if high is None else high)

    def read(text: str) -> int:
        try:
            return whole(text, label, *bounds)
        except ConfigError as error:
            reason = str(error) if low is not None else f"{label} takes a whole number, not {brief(text)}"
            raise argparse.ArgumentTypeError(reason.rstrip(".")) from None

    return read
