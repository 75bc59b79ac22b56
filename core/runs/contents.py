"""Checked contents of the files of a run: status, records, result, view set, label. An invalid value becomes a `RunError`.

Nothing here computes with a value before it is known to be of its kind and within its range, so whoever shows it need not.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from core.errors import RunError, is_momentary
from core.runs.files import is_own_file, is_own_folder, read_file, read_table, unreadable
from core.runs.heartbeat import is_alive_elsewhere
from core.runs.locks import LOCK, is_held, queue_lock
from core.runs.strict_json import LARGEST, parse_json
from core.runs.types import Heartbeat, MetricRecord, Result, RunState, Status, ViewSet
from core.schema import conforms

STATES = tuple(RunState)
LONGEST_NAME = 60  # signs of a run's name
LONGEST_MESSAGE = 1000
_MOST = 1e9  # seconds, steps, epochs; far more than any run has
_FIGURES = ("step", "epoch", "epochs", "budget", "seconds", "progress", "seconds_left", "together")  # of a status
_FRAME = re.compile(
    r"[0-9]{6}\.bin|[1-9][0-9]{6,8}\.bin"
)  # as `frame_path` names them; a sync program's copies are none


def read_status(folder: Path) -> Status:
    """The truth about a run: "running" without a writer, or "queued" without a queue, is stopped. The sign of life, which names
    a machine, is left out."""
    status = stored_status(folder)
    if is_dead(folder, status):  # the writer may have finished between the two looks
        again = stored_status(folder)
        status = again if again != status else stopped(status)
    status.pop("heartbeat", None)
    return status


def stored_status(folder: Path) -> Status:
    """What status.json says, its figures within their ranges."""
    return checked_status(folder, read_table(folder / "status.json"))


def checked_status(folder: Path, status: dict[str, Any]) -> Status:
    """The status with a progress of 0 to 1, or RunError when it is none."""
    path = folder / "status.json"
    if status.get("status") not in STATES:
        raise unreadable(path, "no status")
    for name in _FIGURES:
        value = status.get(name)
        if value is None:
            continue
        if not is_number(value):
            raise unreadable(path, f"{name} is no number")
        if name not in ("progress", "seconds_left") and not 0 <= value <= _MOST:
            raise unreadable(path, f"{name} is {value:.3g}, which is out of range")
    message = status.get("message")
    if not (message is None or isinstance(message, str)):
        raise unreadable(path, "message is no text")
    if not (status.get("heartbeat") is None or conforms(status["heartbeat"], Heartbeat)):
        raise unreadable(path, "heartbeat is none")
    left = status.get("seconds_left")
    bounded: dict[str, Any] = {"seconds_left": left if left is None or 0 <= left <= _MOST else None}
    if status.get("progress") is not None:
        bounded["progress"] = min(1.0, max(0.0, status["progress"]))
    if message and len(message) > LONGEST_MESSAGE:
        bounded["message"] = message[:LONGEST_MESSAGE]
    bounded = {name: value for name, value in bounded.items() if name in status}
    return cast(Status, {**status, **bounded, "status": RunState(status["status"])})


def is_dead(folder: Path, status: Status) -> bool:
    """Whether a run that says "running" or "queued" has nobody who trains it or keeps its place."""
    if status["status"] == RunState.RUNNING:
        return not (is_held(folder / LOCK) or is_alive_elsewhere(status))
    return status["status"] == RunState.QUEUED and not is_held(queue_lock(folder.parent, status))


def is_written(folder: Path) -> bool:
    """Whether somebody trains it, here or on another machine; also by a version whose status we cannot read."""
    if is_held(folder / LOCK):
        return True
    try:
        status = stored_status(folder)
    except RunError:
        return False
    return status["status"] == RunState.RUNNING and is_alive_elsewhere(status)


def stopped(status: Status) -> Status:
    """The status of a run whose writer is gone."""
    return {**status, "status": RunState.STOPPED, "seconds_left": None}


def read_records(folder: Path) -> list[MetricRecord]:
    """All whole lines of metrics.jsonl; what a killed writer left half is none, and nothing after it counts."""
    try:
        data = read_file(folder / "metrics.jsonl")
    except RunError:
        return []
    records = []
    for line in data.split(b"\n"):
        if (record := parse_record(line)) is None:
            break
        records.append(record)
    return records


def parse_record(line: bytes) -> MetricRecord | None:
    """A line of metrics.jsonl; None when it is none."""
    flat = (
        b"[" not in line and line.count(b"{") == 1 and b"\\" not in line
    )  # ours are: a cheaper look, there are thousands
    try:
        record = json.loads(line) if flat else parse_json(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or "step" not in record or not are_numbers(record.values()):
        return None
    if b'"look/' in line:  # the name of diagnostics in earlier runs
        return {re.sub("^look/", "diagnostics/", name): value for name, value in record.items()}
    return record


def read_result(folder: Path) -> Result:
    """What a finished run came to; RunError when the file is not one."""
    path = folder / "result.json"
    result = read_table(path)
    metrics = result.get("metrics")
    if not isinstance(metrics, dict) or not are_numbers(metrics.values()):
        raise unreadable(path, "no metrics")
    for name in ("seconds", "parameters", "flops", "bytes", "together"):
        if not (result.get(name) is None or is_number(result[name])):
            raise unreadable(path, f"{name} is no number")
    for name in ("missing", "noise"):
        curves = result.get(name)
        if curves is not None and not (isinstance(curves, dict) and all(map(_is_curve, curves.values()))):
            raise unreadable(path, f"{name} is no table of curves")
    return cast(Result, result)


def read_probe(folder: Path) -> ViewSet:
    """The fixed samples that every picture of a run shows; RunError when the file does not describe them."""
    path = folder / "probe.json"
    probe = read_table(path)
    labels, matrix = probe.get("labels"), probe.get("matrix")
    if not isinstance(labels, list):
        raise unreadable(path, "no labels")
    if not (isinstance(matrix, list) and all(isinstance(i, int) and 0 <= i < len(labels) for i in matrix)):
        raise unreadable(path, "no matrix")
    return cast(ViewSet, probe)


def read_label(folder: Path) -> dict[str, Any]:
    """What people wrote on a run, {"star": bool, "name": str}; {} where nothing can be read."""
    path = folder / "label.json"
    if not is_own_file(path):  # most runs have none, and an error costs more than a look
        return {}
    try:
        label = read_table(path)
    except RunError:
        return {}
    return checked_label(label)


def checked_label(label: dict[str, Any]) -> dict[str, Any]:
    """What of it is a label."""
    name, star = label.get("name"), label.get("star")
    kept: dict[str, Any] = {"name": clean_name(name)} if isinstance(name, str) else {}
    return kept | ({"star": star} if isinstance(star, bool) else {})


def clean_name(text: str) -> str:
    """A name as it may stand in a table: one line, at most `LONGEST_NAME` signs, nothing that cannot be seen or written."""
    return one_line(text, LONGEST_NAME)


def one_line(text: str, longest: int = 600) -> str:
    """A text from outside as it may stand in a terminal: no line's end, no escape sequence, not endless."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * longest])
    return " ".join(printable.split())[:longest]


def steps(folder: Path, kind: str) -> list[int]:
    """The optimiser steps that have a file in `frames/` or `projection/`, in order; other names there are ignored."""
    place = folder / kind
    if not (is_own_folder(folder) and is_own_folder(place)):
        return []
    try:
        return sorted(int(name[:-4]) for name in os.listdir(place) if _FRAME.fullmatch(name))
    except OSError as error:
        if is_momentary(error):  # no answer is not the answer that there are none
            raise unreadable(place, error) from error
        return []


def is_number(value: object) -> bool:
    """A finite number; true and false are none."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < LARGEST
    return isinstance(value, float) and math.isfinite(value)


def are_numbers(values: Iterable[object]) -> bool:
    """Whether all of these are."""
    return all(map(is_number, values))


def _is_curve(points: object) -> bool:
    """[[percent, value], ...]"""
    return isinstance(points, list) and all(
        isinstance(point, list) and len(point) == 2 and are_numbers(point) for point in points
    )
