"""Whose run is it? Each run folder holds the marks of those who asked for it while it was made, in owners.json.

A mark is made of a visitor's random name and this server's secret, so it can be recognised and tells nothing (tokens.py).
A folder without the file belongs to nobody but the owner of the server. Where a folder is only made when its turn comes,
the marks wait in memory until it is there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from core.errors import RunError
from core.runs import store

FILE = "owners.json"
MOST = 200  # makers that a run remembers
REMEMBERED = 5000  # runs whose makers wait in memory

_lock = threading.Lock()
_claims: OrderedDict[Path, frozenset[str]] = OrderedDict()


def makers(root: Path, run: str) -> frozenset[str]:
    """The marks of those whose run it is; none where it is the owner's of the server alone."""
    folder = root / run
    with _lock:
        written = _read(folder) or frozenset()
        known = written | _claims.get(folder, frozenset())
        if known != written:
            _write(folder, known)
        return known


def claimable(root: Path, runs: Iterable[str]) -> list[str]:
    """Those of these runs that a request would make, or whose makers it would join. Look before the request.

    A run that is finished is only looked at, and one that nobody made through this server stays nobody's.
    """
    return [run for run in runs if _claimable(root / run)]


def claim(root: Path, runs: Iterable[str], mark: str) -> None:
    """One more asked for these."""
    with _lock:
        for folder in (root / run for run in runs):
            known = (_read(folder) or frozenset()) | _claims.get(folder, frozenset())
            if len(known) < MOST:
                _claims[folder] = known | {mark}
                _claims.move_to_end(folder)
                _write(folder, _claims[folder])
        while len(_claims) > REMEMBERED:
            _claims.popitem(last=False)


def let_go(root: Path, run: str, mark: str) -> None:
    """This one no longer wants it."""
    folder = root / run
    with _lock:
        rest = ((_read(folder) or frozenset()) | _claims.pop(folder, frozenset())) - {mark}
        _write(folder, rest)


def forget(root: Path, run: str) -> None:
    """It is deleted."""
    with _lock:
        _claims.pop(root / run, None)


def _claimable(folder: Path) -> bool:
    if store.is_shipped(folder.name):
        return False
    if not folder.exists():
        return True
    with _lock:
        known = folder in _claims or _read(folder) is not None
    try:
        return known and store.read_status(folder)["status"] != "finished"
    except RunError:
        return known


def _read(folder: Path) -> frozenset[str] | None:
    """None where there is no such file; a damaged one belongs to no one."""
    if not (folder / FILE).exists():
        return None
    try:
        found = store.read_json(folder / FILE)
    except RunError:
        return frozenset()
    marks = found.get("makers") if isinstance(found, dict) else None
    return frozenset(mark for mark in marks[:MOST] if isinstance(mark, str)) if isinstance(marks, list) else frozenset()


def _write(folder: Path, marks: frozenset[str]) -> None:
    if folder.is_dir():
        with suppress(OSError, RunError):  # a folder that goes away just now needs none
            store.write_json(folder / FILE, {"makers": sorted(marks)}, make=False)
