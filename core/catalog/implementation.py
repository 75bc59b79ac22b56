"""From an entry to its class, whichever source the entry comes from. The only way from a name to code."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
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
    with redirect_stdout(sys.stderr):  # a process may speak to another one by its output, line by line
        found = attrgetter(name)(import_module(module))
    return found(entry) if "folder" in entry else found  # a loader: it makes the data set of a folder
