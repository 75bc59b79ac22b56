"""What people see and hear of the test samples, written once per data hash: an index, and the files that each kind makes.

    index.json    {"count", "modalities": {name: {"kind": "picture" | "sound" | ..., ...}}}

What a kind says of itself and which files it makes stands in core/renderers/<kind>.py. It is what the model got: same noise,
same rate. Folders of before hold sprites.png and sound.bin, and call a vector "trace"; the browser reads those on.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from core.data.base import Task
from core.data.check import shown_samples
from core.paths import ASSETS
from core.renderers import Files, Shown

SHIPPED = ASSETS / "samples"


def write_samples(task: Task, folder: Path) -> Path:
    """Write the folder unless it is there. It appears whole or not at all."""
    if (folder / "index.json").exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _fill(place, task)
        os.replace(place, folder)
    except BaseException as error:
        shutil.rmtree(place, ignore_errors=True)
        if not isinstance(error, OSError) or not (folder / "index.json").exists():
            raise  # no other worker was first: the disk is full, or worse
    return folder


def _fill(place: Path, task: Task) -> None:
    count = len(task.test.target)
    shown = shown_samples(task, range(count))
    entries = {name: _entry([one[name] for one in shown], Files(place, m)) for m, name in enumerate(task.modalities)}
    place.chmod(0o755)  # a temporary folder is private; this one is served
    index = {"count": count, "modalities": entries}
    (place / "index.json").write_text(json.dumps(index, separators=(",", ":")), encoding="utf-8")


def _entry(shown: list[Shown], files: Files) -> dict[str, Any]:
    kind = type(shown[0])
    return {"kind": kind.kind, **kind.write(shown, files)}


def provide_samples(task: Task, root: Path) -> None:
    """Write the samples of a task beside the runs, unless they are shipped or there."""
    if not (SHIPPED / task.samples / "index.json").exists():
        write_samples(task, root / "samples" / task.samples)
