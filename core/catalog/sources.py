"""Where entries come from, in this order: the shipped file, installed packages, the runs folder, classes of this process.

A source that fails costs its own entries and a sentence, never the others.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from core.catalog import folders, plugins, registered
from core.catalog.read import Read
from core.catalog.registered import NAME
from core.errors import CatalogError

Catalogue = dict[str, Any]
installed = cache(plugins.installed)  # packages do not change while a process runs


def merged(shipped: Catalogue, root: Path | None) -> tuple[Catalogue, list[CatalogError]]:
    """The catalogue of all sources, and what could not be had of them. `root` is the runs folder, where one is used."""
    shelves: Catalogue = {name: list(value) if isinstance(value, list) else value for name, value in shipped.items()}
    problems = [problem for read in installed() for problem in _add(shelves, read, "bad_plugin")]
    problems += [problem for read in folders.read(root) for problem in _add(shelves, read, "bad_entry")] if root else []
    for shelf, entry in registered.entries():
        shelves[shelf].append(entry)
    return shelves, problems


def _add(shelves: Catalogue, read: Read, fault: str) -> list[CatalogError]:
    """Put an entry on its shelf, and tell what is wrong with it."""
    if read.entry is None:
        return [CatalogError(fault, name=read.name, source=read.source, reason=read.reason)]
    name = str(read.entry["name"])
    if not NAME.fullmatch(name):
        return [CatalogError(fault, name=read.name, source=read.source, reason=f"{name!r} is no name for an entry")]
    twin = next((one for one in shelves[read.shelf] if _key(one) == _key(read.entry)), None)
    if twin is not None:
        first = twin.get("source", "Fusionarium")
        return [CatalogError("name_twice", name=name, shelf=read.shelf, first=first, second=read.source)]
    shelves[read.shelf].append(read.entry)
    return [] if read.entry.get("title", name) else [CatalogError("untitled_entry", name=name, source=read.source)]


def _key(entry: dict[str, Any]) -> tuple[str, str]:
    return entry["name"], entry.get("kind", "")  # encoders of several kinds may share a name
