"""The list of runs kept on disk, for the start of the next process: `<runs>/.index.json`.

It is a copy, and only believed where the files of a run still have the times, sizes and places that they had; values go
through the same checks as those of a run. A cache that cannot be read, or is of another version, is made anew.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import core
from core.errors import FusionariumError
from core.runs import store
from core.runs.files import MB, is_run_id
from core.runs.summary import READ, Entry, Stamp, Summary
from core.runs.version import check_config

NAME = ".index.json"
FORMAT = 1
CAP = 200 * MB  # 2 kB a run
LEAST = 20  # runs read anew before it is written again,
PART = 0.1  # and at least this part of all


def worth_saving(unsaved: int, runs: int) -> bool:
    """Whether enough was read anew that writing the cache is cheaper than reading that again."""
    return unsaved >= max(LEAST, PART * runs)


def save(root: Path, entries: dict[str, Entry]) -> None:
    """Write it; a folder that cannot be written goes without."""
    runs = {run: _plain(e) for run, e in entries.items() if e.summary.problem is None and e.summary.bytes is not None}
    whole = {"format": FORMAT, "engine": core.__version__, "runs": runs}
    with suppress(FusionariumError, OSError, ValueError):
        store.write_atomic(root / NAME, json.dumps(whole, separators=(",", ":"), allow_nan=False).encode(), make=False)


def load(root: Path) -> dict[str, Entry]:
    """What it holds, each entry to be compared with its folder before it is used; {} when there is none."""
    try:
        whole = json.loads(store.read_file(root / NAME, CAP))
        if whole["format"] != FORMAT or whole["engine"] != core.__version__:
            return {}
        plain = whole["runs"].items()
    except (FusionariumError, LookupError, TypeError, AttributeError, ValueError, RecursionError):
        return {}
    found = {}
    for run, data in plain:
        with suppress(FusionariumError, LookupError, TypeError, AttributeError, ValueError, OverflowError):
            if is_run_id(run):
                found[run] = _entry(root / run, data)
    return found


def _plain(entry: Entry) -> dict[str, Any]:
    item = entry.summary
    return {
        "config": item.config,
        "status": item.status,
        "metrics": item.metrics,
        "label": item.label,
        "created": item.created,
        "bytes": item.bytes,
        "thumb": item.thumb,
        "stamps": entry.stamps,
        "sizes": entry.sizes,
    }


def _entry(folder: Path, data: dict[str, Any]) -> Entry:
    check_config(folder, data["config"])
    status = store.checked_status(folder, data["status"])
    numbers = [data["created"], data["bytes"], *data["metrics"].values()]
    if not all(map(store.is_number, numbers)) or data["bytes"] < 0:
        raise ValueError("no numbers")
    stamps = {name: _stamp(data["stamps"][name]) for name in READ}
    sizes = {str(part): (int(pair[0]), int(pair[1])) for part, pair in data["sizes"].items()}
    label = store.checked_label(data["label"])
    created, size, thumb = float(data["created"]), int(data["bytes"]), data["thumb"] is True
    summary = Summary(folder.name, data["config"], status, data["metrics"], label, created, size, thumb=thumb)
    return Entry(summary, stamps, sizes)


def _stamp(value: list[int] | None) -> Stamp | None:
    if value is None:
        return None
    first, second, third, fourth = map(int, value)
    return first, second, third, fourth
