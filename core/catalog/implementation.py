"""From an entry to its class, whichever source the entry comes from. The only way from a name to code."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from typing import Any

from core.catalog import Entry, registered


def implementation(entry: Entry) -> Any:
    """The class behind an entry: a registered one, or imported from where the entry says that it lies."""
    own = registered.class_of(entry)
    if own is not None:
        return own
    module, _, name = entry["class"].partition(":")
    found = attrgetter(name)(import_module(module))
    return found(entry) if "folder" in entry else found  # a loader: it makes the data set of a folder
