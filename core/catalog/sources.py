"""Where entries come from: the shipped file, and classes registered in this process. Each is asked once, until one changes."""

from __future__ import annotations

from typing import Any

from core.catalog import registered


def merged(shipped: dict[str, Any]) -> dict[str, Any]:
    """The shipped catalogue with the entries of the other sources behind its own."""
    shelves: dict[str, Any] = {
        name: list(value) if isinstance(value, list) else value for name, value in shipped.items()
    }
    for shelf, entry in registered.entries():
        shelves[shelf].append(entry)
    return shelves
