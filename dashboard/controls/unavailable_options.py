"""Unavailable choices stay visible, each with the reason that the command line would give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from core.errors import ConfigError
from dashboard.texts import Markdown, sentence


def refusals(names: Iterable[str], attempt: Callable[[str], Any]) -> dict[str, Markdown]:
    """name -> why `attempt(name)` cannot be, in this person's language; only those that cannot."""
    found = {}
    for name in names:
        try:
            attempt(name)
        except ConfigError as error:
            found[name] = sentence(error)
    return found
