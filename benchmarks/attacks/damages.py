"""What a crash, a sync program, another version or a stranger may do to a run folder: name -> a function of the folder."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.attacks.binaries import BINARIES, DEEP

Damage = Callable[[Path], None]

FILES = (
    "config.json",
    "status.json",
    "metrics.jsonl",
    "probe.json",
    "result.json",
    "label.json",
    "checkpoint.safetensors",
    "thumb.png",
    "lock",
    "stop",
    "frames/000004.bin",
    "projection/000004.bin",
)
TABLES = ("config.json", "status.json", "result.json", "probe.json", "label.json")
CONTENTS = {
    "empty": b"",
    "random bytes": bytes(range(256)) * 40,
    "zeros": bytes(4000),
    "a list": b"[]",
    "a string": b'"run"',
    "null": b"null",
    "nested 100,000 deep": DEEP.encode(),
    "nested 5,000 tables": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "a number of 401 digits": b"1" * 401,
    "UTF-16": '{"status": "finished"}'.encode("utf-16"),
    "binary behind JSON": b'{"status": "finished"}\x00\xff',
}
VALUES = {  # as they stand in JSON
    "null": "null",
    "true": "true",
    "words": '"long ago"',
    "markup": json.dumps("<img src=x onerror=alert(1)>![x](http://192.0.2.1/spy.png){0}{a.b}"),
    "-1": "-1",
    "1e18": "1e18",
    "1e308": "1e308",
    "1e400": "1e400",
    "NaN": "NaN",
    "401 digits": "9" * 401,
    "2**62": str(2**62),
    "a list": '[1, "a", null]',
    "a table": '{"a": {"b": [1]}}',
    "200 deep": "[" * 200 + "]" * 200,
    "half a character": '"\\ud800"',
    "a megabyte": json.dumps("n" * 1_000_000),
}
STANDING = {"label.json": {"name": "mine", "star": True}}  # of files that a finished run need not have


def damages() -> Iterator[tuple[str, Damage]]:
    """All of them, each with a name."""
    for file in FILES:
        yield from ((f"{file} is {name}", partial(change, file=file)) for name, change in _PLACES.items())
        yield from ((f"{file} holds {name}", partial(_write, file=file, data=data)) for name, data in CONTENTS.items())
    for file in TABLES:
        for field in _FIELDS[file]:
            yield from (
                (f"{file}: {field} is {name}", partial(_field, file=file, field=field, value=value))
                for name, value in VALUES.items()
            )
    yield from _NAMES.items()
    yield from BINARIES.items()


def _write(folder: Path, file: str, data: bytes) -> None:
    _clear(folder / file)
    (folder / file).write_bytes(data)


def _field(folder: Path, file: str, field: str, value: str) -> None:
    """Set one field, as text, so that it may be what `json` would never write."""
    path = folder / file
    table: Any = json.loads(path.read_text()) if path.exists() else dict(STANDING.get(file, {}))
    inner = table
    *above, last = field.split(">")
    for name in above:
        inner = inner.setdefault(name, {})
    inner[last] = "\x01here\x01"
    path.write_text(json.dumps(table).replace('"\\u0001here\\u0001"', value))


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _absent(folder: Path, file: str) -> None:
    _clear(folder / file)


def _half(folder: Path, file: str) -> None:
    path = folder / file
    data = path.read_bytes() if path.exists() else b'{"name": "mi'
    path.write_bytes(data[: len(data) // 2])


def _folder(folder: Path, file: str) -> None:
    _clear(folder / file)
    (folder / file).mkdir()


def _pipe(folder: Path, file: str) -> None:
    _clear(folder / file)
    os.mkfifo(folder / file)


def _link(folder: Path, file: str, to: str) -> None:
    _clear(folder / file)
    (folder / file).symlink_to(to)


def _sparse(folder: Path, file: str) -> None:
    _clear(folder / file)
    with (folder / file).open("wb") as handle:
        handle.truncate(4_000_000_000)


def _closed(folder: Path, file: str) -> None:
    if (folder / file).exists():
        (folder / file).chmod(0)


def _marked(folder: Path, file: str) -> None:
    data = (folder / file).read_bytes() if (folder / file).exists() else b"{}"
    (folder / file).write_bytes(b"\xef\xbb\xbf" + data)


_PLACES: dict[str, Callable[..., None]] = {
    "absent": _absent,
    "half": _half,
    "a folder": _folder,
    "a pipe": _pipe,
    "a link to /etc/passwd": partial(_link, to="/etc/passwd"),
    "a link to /dev/zero": partial(_link, to="/dev/zero"),
    "a link to itself": partial(_link, to="."),
    "a link in a loop": lambda folder, file: _link(folder, file, to=str(folder / file)),
    "4 GB of nothing": _sparse,
    "closed": _closed,
    "begun with a mark of order": _marked,
}
_FIELDS = {
    "config.json": (
        *("format", "dataset", "fusion", "objective", "seed", "epochs", "seconds", "batch_size", "learning_rate"),
        *("data_settings", "data_settings>train_size", "fusion_settings", "objective_settings", "encoder_settings"),
        *("strategy", "permute", "id", "group", "engine", "created", "device_kind"),
    ),
    "status.json": (
        *("status", "step", "epoch", "epochs", "budget", "seconds", "progress", "seconds_left", "together"),
        *("message", "error", "values"),
    ),
    "result.json": (
        *("metrics", "metrics>test/accuracy", "seconds", "parameters", "flops", "missing", "missing>x1", "noise"),
        *("instruments", "instruments>shapley"),
    ),
    "probe.json": ("labels", "matrix", "modalities", "classes", "samples", "information", "bayes", "index"),
    "label.json": ("name", "star"),
}


def _named(folder: Path, name: str, source: str = "frames/000004.bin") -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(folder / source, path)


def _many(folder: Path) -> None:
    for i in range(3000):
        (folder / "frames" / f"x{i}.bin").touch()


def _moved(folder: Path, part: str = "") -> None:
    """The folder, or a part of it, becomes a link to where it went."""
    place = folder / part if part else folder
    away = folder.parent.parent / f"away-{folder.name}"
    place.rename(away)
    place.symlink_to(away)


def _parts_are_links(folder: Path, part: str, to: str) -> None:
    shutil.rmtree(folder / part, ignore_errors=True)
    (folder / part).symlink_to(to)


def _flattened(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x")


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


_NAMES: dict[str, Damage] = {
    **{
        f"a file {name!r} in frames": partial(_named, name=f"frames/{name}")
        for name in (
            "000040 (1).bin",
            "-00001.bin",
            "٠٠٠٠٤٤.bin",
            "1e5.bin",
            "000004.BIN",
            "0x10.bin",
            "9" * 60 + ".bin",
        )
    },
    "a file '000040 (1).bin' in projection": partial(_named, name="projection/000040 (1).bin"),
    "names with a line's end": partial(_named, name="frames/0000\n44.bin"),
    "a copy of config.json": partial(_named, name="config (conflicted copy).json", source="config.json"),
    "CONFIG.JSON beside it": partial(_named, name="CONFIG.JSON", source="status.json"),
    "temporary files": partial(_named, name=".status.json.77.tmp"),
    "a temporary frame": partial(_named, name="frames/.000008.bin.77.tmp"),
    "3,000 other files": _many,
    "frames is a link to /etc": partial(_parts_are_links, part="frames", to="/etc"),
    "projection is a link to /etc": partial(_parts_are_links, part="projection", to="/etc"),
    "frames is a link to where it went": partial(_moved, part="frames"),
    "the run is a link": _moved,
    "the run is empty": _emptied,
    "the run is a file": _flattened,
}
