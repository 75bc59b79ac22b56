"""Classes registered in this process: a notebook's own fusion is trained without touching the repository.

    for step in train(config, fusion=MyFusion): ...        registers it by the way
    with registered(MyFusion): ...                         for as long as the block lasts

One process, one person: pages and workers are other processes and know nothing of it; a package's entry points reach those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from core import catalog
from core.errors import ConfigError

BASES = {  # of each shelf: the classes to derive one's own from
    "datasets": "DataSet (core.data.base)",
    "fusions": "InputFusion, FeatureFusion or DecisionFusion (core.fusion.base)",
    "objectives": "Objective (core.objectives.base)",
    "update_rules": "UpdateRule (core.training.update_rule)",
    "samplers": "Sampler (core.training.sampler)",
}
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")  # a part of dotted names, sums and addresses
_entries: dict[tuple[str, str], catalog.Entry] = {}  # (shelf, name) -> the newest of that name
_classes: dict[str, Any] = {}  # an entry's "class" -> the class; of earlier ones too, which their configs still mean
_number = count(1)


def register(item: Any) -> catalog.Entry:
    """The entry of a class, now in the catalogue of this process; a class of the same name takes its place.

    ConfigError where the class has no name that can be written down, or a shipped or installed one has it.
    """
    from core.catalog.describe import describe  # brings torch, as the class itself has

    name = getattr(item, "name", "")
    if not NAME.fullmatch(str(name)):
        raise ConfigError("bad_class_name", text=item.__qualname__, value=name)
    standing = _entries.get((item.shelf, name))
    if standing is None and name in catalog.shelf(item.shelf):
        raise ConfigError("name_taken", name=name, shelf=item.shelf)
    if standing is None or _classes[standing["class"]] is not item:
        entry = describe(item)
        entry["class"] = f"{entry['class']}#{next(_number)}"
        _classes[entry["class"]] = item
        _entries[item.shelf, name] = entry
        catalog.refresh()
    return _entries[item.shelf, name]


@contextmanager
def registered(*items: Any) -> Iterator[None]:
    """The classes are in the catalogue within the block."""
    before = dict(_entries)
    try:
        for item in items:
            register(item)
        yield
    finally:
        _entries.clear()
        _entries.update(before)
        catalog.refresh()


def name_of(shelf: str, item: Any) -> str:
    """The name of a class, which is registered; a name as it is. ConfigError for a class of another shelf."""
    if isinstance(item, str):
        return item
    if not isinstance(item, type) or getattr(item, "shelf", None) != shelf or _unstaged(item):
        raise wrong_class(shelf, item)
    return str(register(item)["name"])


def wrong_class(shelf: str, item: object) -> ConfigError:
    """What is given for a shelf is neither a name nor a class of it."""
    text = item.__qualname__ if isinstance(item, type) else "None" if item is None else f"{type(item).__qualname__}()"
    return ConfigError("wrong_class", text=text, shelf=shelf, bases=BASES[shelf])


def entries() -> Iterator[tuple[str, catalog.Entry]]:
    """(shelf, entry) of everything that is registered."""
    yield from ((shelf, entry) for (shelf, _), entry in _entries.items())


def class_of(entry: catalog.Entry) -> Any:
    """The registered class behind an entry; None for an entry of another source."""
    return _classes.get(entry["class"])


def _unstaged(item: Any) -> bool:
    """Whether it is a fusion of no stage, derived from the base of all of them."""
    return item.shelf == "fusions" and not hasattr(item, "stage")
