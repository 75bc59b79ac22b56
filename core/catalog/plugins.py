"""Entries of installed packages, by their entry points: `fusionarium.fusions`, `.datasets`, and so on (GROUPS).

    [project.entry-points."fusionarium.fusions"]
    loudest = "my_package.loudest:Loudest"

Reading a class needs torch, which pages do not import. So a process that has no torch lets another one read the classes
(`python -m core.catalog.plugins`), which writes what it read into a file; the file counts until a plug-in's version or one of
its Python files changes. Where no plug-in is installed, nothing of this happens.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import asdict
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import core
from core.catalog.read import Read
from core.errors import ConfigError, brief
from core.paths import user_cache

SHELVES = ("targets", "update_rules", "samplers", "encoders", "fusions", "objectives", "strategies", "datasets")
GROUPS = {f"fusionarium.{shelf}": shelf for shelf in SHELVES}
VARIABLE = "FUSIONARIUM_CACHE"
PATIENCE = 120  # seconds until a plug-in must have been imported


def installed() -> list[Read]:
    """What each entry point gave, in the order of their packages' names."""
    points = _points()
    if not points:
        return []
    if "torch" in sys.modules:
        return _read_here(points)
    place = cache_folder() / f"plugins-{_stamp(points)}.json"
    with suppress(OSError, ValueError, TypeError):
        return [Read(**data) for data in json.loads(place.read_text(encoding="utf-8"))]
    return _read_apart(place, points)


def cache_folder() -> Path:
    """Where the file is kept: in the user's folder for such files, or where FUSIONARIUM_CACHE says."""
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    return user_cache()


def _points() -> list[EntryPoint]:
    found = entry_points()
    points = [point for group in GROUPS for point in found.select(group=group)]
    return sorted(points, key=lambda point: (_package(point), point.group, point.name))


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _stamp(points: list[EntryPoint]) -> str:
    """Names what was installed: versions, and sizes and times of the Python files, which change without a new version."""
    facts: list[Any] = [core.__version__, sys.version, sys.path]
    for point in points:
        facts.append([_package(point), point.group, point.name, point.value, sorted(_files(point))])
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _files(point: EntryPoint) -> Iterator[tuple[str, int, int]]:
    """(path, size, time) of the files of the package in which an entry point's class lies. Nothing is imported."""
    with suppress(ImportError, ValueError, OSError):
        spec = find_spec(point.module.partition(".")[0])
        folders = list(spec.submodule_search_locations or ()) if spec else []
        alone = [Path(spec.origin)] if spec and spec.origin and not folders else []
        for path in (*alone, *(file for folder in folders for file in Path(folder).rglob("*.py"))):
            status = path.stat()
            yield str(path), status.st_size, status.st_mtime_ns


def _read_here(points: list[EntryPoint]) -> list[Read]:
    """What each gave, in their order; targets are read first, since objectives and data sets name them."""
    from core.targets import TARGETS

    targets, reads = dict(TARGETS), {}
    for index in sorted(range(len(points)), key=lambda i: SHELVES.index(GROUPS[points[i].group])):
        reads[index] = _read(points[index], targets)
    return [reads[index] for index in range(len(points))]


def _read(point: EntryPoint, targets: dict[str, Any]) -> Read:
    """The entry of a class; a target is added to `targets`. Whatever a plug-in raises is its own failure and no one else's."""
    from core.catalog.describe import describe

    def target_of(name: str) -> Any:
        if name not in targets:
            raise ConfigError("unknown_target", name=name, choices=", ".join(targets))
        return targets[name]

    shelf = GROUPS[point.group]
    try:
        with redirect_stdout(sys.stderr):  # a process may speak to another one by its output, line by line
            item = point.load()
        if item.shelf != shelf:
            raise TypeError(f"{point.value} belongs to {item.shelf}")
        entry = json.loads(json.dumps(describe(item, target_of)))
        if shelf == "targets":
            targets.setdefault(entry["name"], item() if isinstance(item, type) else item)
    except (Exception, SystemExit) as error:
        return Read(shelf, point.name, _package(point), reason=brief(_said(error)))
    own = {**entry, "class": point.value, "source": _package(point)}
    return Read(shelf, point.name, _package(point), own)


def _said(error: BaseException) -> str:
    """A sentence of ours as it is; anything else with its kind, since many say little (`KeyError: 'x'`)."""
    return str(error) if isinstance(error, ConfigError) else f"{type(error).__name__}: {error}"


def _read_apart(place: Path, points: list[EntryPoint]) -> list[Read]:
    """The same by a process of its own, which has torch and may die of a plug-in; kept in a file for the next time."""
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    command = [sys.executable, "-m", "core.catalog.plugins"]
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        text = done.stdout.splitlines()[-1]
        reads = [Read(**data) for data in json.loads(text)]
    except (subprocess.SubprocessError, IndexError, ValueError, TypeError) as error:  # or it printed at its end
        return [Read(GROUPS[point.group], point.name, _package(point), reason=brief(error)) for point in points]
    with suppress(OSError):  # a home that cannot be written: then the next process reads the plug-ins again
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_suffix(f".{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        beside.replace(place)
    return reads


if __name__ == "__main__":
    import torch  # noqa: F401  so that the classes are read here

    print(json.dumps([asdict(read) for read in installed()]))  # the last line: a plug-in may print at import
