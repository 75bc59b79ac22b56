"""A run as one line of the list of runs, and how it is read off its folder."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from core.errors import FusionariumError, RunError
from core.runs import store
from core.runs.files import is_own_file, read_first
from core.runs.types import Status
from core.runs.version import CONFIG, broken, check_config

READ = (
    "config.json",
    "status.json",
    "result.json",
    "label.json",
    "metrics.jsonl",
    "thumb.png",
)  # what a summary is made of
TAIL = 64_000  # bytes of the records of an unfinished run that its newest metrics are looked for in
UNKNOWN = cast(Status, {})  # the status of a folder that cannot be read
SKEW = 86_400.0  # seconds that another machine's clock may be ahead


@dataclass(frozen=True)
class Summary:
    """A line of the list of runs. `problem` is a sentence when the folder cannot be read; the rest is then empty."""

    run: str
    config: dict[str, Any]
    status: Status
    metrics: dict[str, float]
    label: dict[str, Any]
    created: float
    bytes: int | None  # None: not measured
    problem: RunError | None = None
    thumb: bool = False  # whether a small picture of its map is there


Stamp = tuple[int, int, int, int]  # times, bytes and place of a file: another one has another


@dataclass
class Entry:
    """A summary and what it was read off: `stamps` of files, `sizes` of folders, `stamp` of the run's (None: look again)."""

    summary: Summary
    stamps: dict[str, Stamp | None]
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)  # part -> (time of its folder, bytes)
    stamp: Stamp | None = None
    sized: float = 0.0  # when


def summarise(folder: Path, size: int | None, modified: float) -> Summary:
    """Read off the folder, whatever lies in it; `status` is what is stored, which the lock may contradict. Never raises."""
    try:
        if not store.is_own_folder(folder):
            raise broken(folder, "it is a link")
        config = store.read_table(folder / CONFIG)
        check_config(folder, config)
        status = store.stored_status(folder)
        metrics = last_metrics(folder)
    except RunError as error:
        return Summary(folder.name, {}, UNKNOWN, {}, store.read_label(folder), modified, size, error)
    except (FusionariumError, OSError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        return Summary(folder.name, {}, UNKNOWN, {}, {}, modified, size, broken(folder, type(error).__name__))
    return Summary(
        folder.name,
        config,
        status,
        metrics,
        store.read_label(folder),
        created(config, modified),
        size,
        thumb=is_own_file(folder / "thumb.png"),
    )


def created(config: dict[str, Any], modified: float) -> float:
    """When the run was made; when its folder was last changed where the config's own time cannot be."""
    stamp = config.get("created")
    if isinstance(stamp, (int, float)) and store.is_number(stamp) and 0 <= stamp < time.time() + SKEW:
        return float(stamp)
    return modified


def last_metrics(folder: Path) -> dict[str, float]:
    """The final metrics, or as long as there are none the newest of each that was recorded."""
    if is_own_file(folder / "result.json"):
        metrics = read_first(folder / "result.json", "metrics")
        if not isinstance(metrics, dict) or not store.are_numbers(metrics.values()):
            raise broken(folder, "result.json: no metrics")
        return metrics
    return _recorded_metrics(folder / "metrics.jsonl")


def _recorded_metrics(path: Path) -> dict[str, float]:
    """From the end of the records alone: the list of runs need not read all of a long training."""
    try:
        with store.opened(path) as (_, size):
            pass
        data, _ = store.read_from(path, max(0, size - TAIL))
    except RunError:
        return {}
    lines = data.split(b"\n")[1 if size > TAIL else 0 : -1]  # the first and the last may be halves
    metrics: dict[str, float] = {}
    for line in lines:
        if b'"test/' in line and (record := store.parse_record(line)):
            metrics |= {k: v for k, v in record.items() if k.startswith("test/")}
    return metrics
