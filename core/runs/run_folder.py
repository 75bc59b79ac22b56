"""One run's folder as its library makes it, and how far it has come."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import core
from core.config import RunConfig
from core.config.device import resolve
from core.config.identity import group_id
from core.errors import RunError
from core.runs import store
from core.runs.version import is_newer, read_config


def state_of(folder: Path) -> str | None:
    """How a run stands, as far as its folder can be gone on from: None where there is none, RunError where a newer version made it."""
    if not os.path.lexists(folder):
        return None
    try:
        read_config(folder)
    except RunError as error:
        if is_newer(error):
            raise
        return "failed"  # cannot be read: start over
    try:
        state = str(store.read_status(folder)["status"])
    except RunError:  # lost in a power cut, perhaps; the checkpoint is not
        return "stopped" if store.is_own_file(folder / store.CHECKPOINT) else "failed"
    result = folder / "result.json"
    if os.path.lexists(result) and not store.is_own_file(result):
        return "failed"  # what lies there cannot be written over
    if state == "finished" and not _has_result(folder):
        return "stopped"  # its last look is missing: the checkpoint has all that is needed for it
    return state


def _has_result(folder: Path) -> bool:
    try:
        return bool(store.read_result(folder))
    except RunError:
        return False


def create(folder: Path, config: RunConfig, label: dict[str, Any]) -> bool:
    """Make the folder, whole or not at all, a power cut notwithstanding. False when somebody else was quicker."""
    place = folder.with_name(f".{folder.name}.{os.getpid()}-{threading.get_ident()}-{time.time_ns()}.new")
    try:
        _fill(place, folder.name, config, label)
        os.rename(place, folder)
    except BaseException as error:
        shutil.rmtree(place, ignore_errors=True)
        if not isinstance(error, OSError) or not store.is_own_folder(folder):
            raise
        return False
    store.sync(folder.parent)
    return True


def _fill(place: Path, run: str, config: RunConfig, label: dict[str, Any]) -> None:
    place.mkdir(parents=True)
    if label:
        store.write_json(place / "label.json", label, durable=True)
    store.write_json(place / "status.json", {"status": "stopped", "step": 0, "epoch": 0.0, "epochs": config.epochs})
    notes = {
        "id": run,
        "group": group_id(config),
        "device_kind": resolve(config.device),
        "engine": core.__version__,
        "created": time.time(),
    }
    store.write_json(place / "config.json", {**config.to_json(), **notes}, durable=True)
