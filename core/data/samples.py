"""What people see and hear of the test samples, written once a data hash: a sprite sheet, mu-law sounds, an index.

    index.json    {"count", "modalities": {name: {"kind": "picture" | "sound" | "text" | "trace", ...}}}
    sprites.png   all pictures, `columns` a row (sprites-<modality>.png for a second modality of pictures)
    sound.bin     all sounds, one after another, one mu-law byte a sample (G.711)

It is what the model got: same noise, same rate; pictures in colour are shown in the 256 colours that suit them best.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.data.base import Shown, Task
from core.paths import ASSETS

SHIPPED = ASSETS / "samples"
COLUMNS = 25
PICTURE = 48  # pixels a side at least, enlarged without smoothing
DIGITS = 3  # of a trace's values
MULAW = 255.0


def write_samples(task: Task, folder: Path) -> Path:
    """Write the folder unless it is there. It appears whole or not at all."""
    if (folder / "index.json").exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _fill(place, task)
        os.replace(place, folder)
    except OSError:
        shutil.rmtree(place, ignore_errors=True)
        if not (folder / "index.json").exists():  # no other worker was first: the disk is full, or worse
            raise
    return folder


def _fill(place: Path, task: Task) -> None:
    count = len(task.test.target)
    shown = [task.show("test", i) for i in range(count)]
    entries = {name: _write(place, name, [s[name] for s in shown]) for name in task.modalities}
    place.chmod(0o755)  # a temporary folder is private; this one is served
    index = {"count": count, "modalities": entries}
    (place / "index.json").write_text(json.dumps(index, separators=(",", ":")), encoding="utf-8")


def provide_samples(task: Task, root: Path) -> None:
    """Write the samples of a task beside the runs, unless they are shipped or there."""
    if not (SHIPPED / task.samples / "index.json").exists():
        write_samples(task, root / "samples" / task.samples)


def mulaw(sound: np.ndarray) -> np.ndarray:
    """-1..1 -> G.711 mu-law bytes, 14 bits of range in 8."""
    pcm = np.clip(np.round(sound * 32768.0), -32635, 32635).astype(np.int32)
    size = np.abs(pcm) + 132
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    mantissa = (size >> (exponent + 3)) & 15
    return (~((pcm < 0) * 128 | (exponent << 4) | mantissa) & 255).astype(np.uint8)


def _write(place: Path, name: str, shown: list[Shown]) -> dict[str, Any]:
    first = shown[0]
    writers: list[tuple[object, Callable[[Path, str, list[Shown]], dict[str, Any]]]] = [
        (first.picture, _pictures),
        (first.sound, _sounds),
        (first.text, _texts),
        (first.trace, _traces),
    ]
    return next(write for there, write in writers if there is not None)(place, name, shown)


def _pictures(place: Path, name: str, shown: list[Shown]) -> dict[str, Any]:
    pixels = np.stack([np.asarray(s.picture) for s in shown])  # (N, H, W) or (N, 3, H, W)
    if pixels.ndim == 4:
        pixels = pixels.transpose(0, 2, 3, 1)
    grow = max(1, PICTURE // max(pixels.shape[1:3]))
    pixels = (pixels.clip(0, 1) * 255).astype(np.uint8).repeat(grow, 1).repeat(grow, 2)
    height, width = pixels.shape[1:3]
    rows = -(-len(pixels) // COLUMNS)
    sheet = np.zeros((rows * height, COLUMNS * width, *pixels.shape[3:]), np.uint8)
    for i, picture in enumerate(pixels):
        row, column = divmod(i, COLUMNS)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = picture
    file = "sprites.png" if not (place / "sprites.png").exists() else f"sprites-{name}.png"
    image = Image.fromarray(sheet)
    if image.mode == "RGB":  # noise in three channels does not compress: a palette is a fifth of the bytes
        image = image.quantize(256, dither=Image.Dither.NONE)
    image.save(place / file, optimize=True)
    return {"kind": "picture", "file": file, "sprite": [width, height], "columns": COLUMNS}


def _sounds(place: Path, name: str, shown: list[Shown]) -> dict[str, Any]:
    path = place / "sound.bin"
    start = path.stat().st_size if path.exists() else 0
    parts = [mulaw(np.asarray(s.sound)) for s in shown]
    with path.open("ab") as file:
        file.write(b"".join(part.tobytes() for part in parts))
    ends = start + np.cumsum([len(part) for part in parts])
    return {"kind": "sound", "rate": shown[0].rate, "encoding": "mulaw", "offsets": [start, *ends.tolist()]}


def _texts(place: Path, name: str, shown: list[Shown]) -> dict[str, Any]:
    return {"kind": "text", "texts": [s.text for s in shown]}


def _traces(place: Path, name: str, shown: list[Shown]) -> dict[str, Any]:
    return {"kind": "trace", "values": [np.asarray(s.trace).round(DIGITS).tolist() for s in shown]}
