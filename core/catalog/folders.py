"""Entries of people's own data: one folder each in the runs folder, `<runs>/data/<name>/entry.json`.

A folder is written elsewhere and renamed into its place, so that a new one changes the time of `data`, by which it is
noticed. The file holds facts and texts alone. What loads the data is one of LOADERS: a file that anybody may have written
names no code of ours.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.catalog.read import Read
from core.errors import brief

FOLDER, FILE = "data", "entry.json"
LARGEST = 1_000_000  # bytes of an entry
LOADERS: dict[
    str, str
] = {}  # an entry's "loader" -> "module:name" of what makes its data set of the entry; see core/data
DEFAULTS: dict[str, Any] = {
    "idea": "",
    "family": "own",
    "paper": "",
    "formula": "",
    "parameters": [],
    "titles": {},
    "pairs": "instance",
    "targets": ["class"],
    "default_encoders": {},
    "draws": False,
    "default_objective": "classification",
    "default_fusion": "concat",
}
NEEDED = ("name", "loader", "modalities", "train_samples", "content")


def read(root: Path) -> list[Read]:
    """What each folder of data gave, in the order of their names."""
    try:
        folders = sorted(path for path in (root / FOLDER).iterdir() if path.is_dir())
    except OSError:
        return []
    return [_read(folder) for folder in folders]


def changed_at(root: Path) -> int:
    """The time at which a folder of data came or went; 0 where there are none."""
    try:
        return (root / FOLDER).stat().st_mtime_ns
    except OSError:
        return 0


def _read(folder: Path) -> Read:
    try:
        with (folder / FILE).open(encoding="utf-8") as file:
            text = file.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise ValueError(f"{FILE} is larger than {LARGEST} bytes")
        return Read("datasets", folder.name, str(folder), _checked(json.loads(text), folder))
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        return Read("datasets", folder.name, str(folder), reason=brief(error))


def _checked(given: Any, folder: Path) -> dict[str, Any]:
    """A whole entry with defaults filled in; ValueError, TypeError or KeyError that says what is wrong."""
    if not isinstance(given, dict):
        raise TypeError(f"{FILE} is no object")
    lacking = [name for name in NEEDED if name not in given]
    if lacking:
        raise ValueError(f"it lacks {', '.join(lacking)}")
    if given["name"] != folder.name:
        raise ValueError(f"its name is {brief(given['name'])}, but its folder's {folder.name}")
    if given["loader"] not in LOADERS:
        raise ValueError(f"this version has no loader {brief(given['loader'])}")
    entry = {name: given.get(name, default) for name, default in DEFAULTS.items()}
    odd = [name for name, value in entry.items() if not isinstance(value, type(DEFAULTS[name])) and name != "idea"]
    if odd:
        raise TypeError(f"its {odd[0]} cannot be read")
    if not isinstance(given["train_samples"], int) or given["train_samples"] < 1:
        raise ValueError("its train_samples is no number from 1")
    return {
        **entry,
        "name": folder.name,
        "title": Localized.of(given.get("title")).to_json(),
        "idea": Localized.of(entry["idea"]).to_json(),
        "stage": "data",
        "paper": "",  # an address that anybody may have written is no link of ours
        "parameters": [Parameter.from_json(data).to_json() for data in entry["parameters"]],
        "modalities": _modalities(given["modalities"]),
        "labels": "class" in entry["targets"],
        "train_samples": given["train_samples"],
        "content": str(given["content"]),
        "class": LOADERS[given["loader"]],
        "folder": str(folder),
        "source": str(folder),
    }


def _modalities(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not given:
        raise ValueError("it has no modalities")
    modalities = [
        {"name": str(m["name"]), "kind": str(m["kind"]), "when": "", "title": Localized.of(m.get("title")).to_json()}
        for m in given
    ]
    if len({m["name"] for m in modalities}) < len(modalities):
        raise ValueError("two of its modalities have one name")
    return modalities
