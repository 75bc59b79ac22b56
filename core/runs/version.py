"""Whether a run can be read by this version: a config that is sane, of names that the catalogue knows, and not of a newer one.

The list of runs looks at the names and the run's own parameters alone; whoever opens a run has all of it checked (`read_config`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import core
from core import catalog
from core.config import FORMAT, PLACES, RUN_FIELDS, RUN_PARAMETERS, RunConfig
from core.errors import ConfigError, FusionariumError, RunError
from core.runs.files import read_table

CONFIG = "config.json"
_NOTES = ("format", "id", "group", "device_kind", "engine", "created")  # beside the choices
_VERSION = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?[0-9A-Za-z.+-]{0,20}")
_SETTINGS = tuple(f"{place}_settings" for place in PLACES)
_KNOWN = {"dataset", "fusion", "objective", *RUN_FIELDS, *_SETTINGS, *_NOTES}


def read_config(folder: Path) -> RunConfig:
    """The checked config of a run folder; RunError for one that cannot be read, or was made by a newer version."""
    data = read_table(folder / CONFIG)
    newer = made_by_newer(data)
    if newer and _strange(data):
        raise newer_run(folder, newer)
    try:
        return RunConfig.from_json(data)
    except FusionariumError as error:
        raise newer_run(folder, newer) if newer else broken(folder, error) from error


def check_config(folder: Path, data: dict[str, Any]) -> None:
    """What the list of runs needs to be sure of, in some microseconds: RunError as from `read_config`."""
    newer = made_by_newer(data)
    try:
        if newer and _strange(data):
            raise newer_run(folder, newer)
        if data.get("format") != FORMAT:
            RunConfig.from_json(data)  # says what is missing
        for name in ("dataset", "fusion", "objective"):
            if not isinstance(data.get(name), str):
                raise ConfigError("bad_config", reason=f"its {name} cannot be read")
        for name in _SETTINGS:
            if not isinstance(data.get(name, {}), dict):
                raise ConfigError("bad_config", reason=f"its {name} cannot be read")
        _check_names(data)
        for parameter in RUN_PARAMETERS:
            parameter.check(data.get(parameter.name, parameter.default))
    except ConfigError as error:
        raise newer_run(folder, newer) if newer else broken(folder, error) from error


def made_by_newer(data: dict[str, Any]) -> str:
    """The version that wrote this config if it is newer than ours (or its format is), else ""."""
    engine, form = data.get("engine"), data.get("format")
    theirs = _parsed(engine)
    if theirs is not None and theirs > (_parsed(core.__version__) or (0, 0, 0)):
        return str(engine)
    if isinstance(form, int) and not isinstance(form, bool) and FORMAT < form < 10**6:
        return str(engine) if theirs is not None else f"format {form}"
    return ""


def newer_run(folder: Path, engine: str) -> RunError:
    """The sentence for a run of a newer version."""
    return RunError("newer_run", name=folder.name, engine=engine)


def is_newer(problem: RunError | None) -> bool:
    """Whether this is why a run cannot be read: then it is whole, and kept."""
    return problem is not None and problem.key == "newer_run"


def broken(folder: Path, error: object) -> RunError:
    """The sentence for a folder that cannot be read."""
    return RunError("broken_run", name=folder.name, reason=str(error).rstrip(".")[:300])


def _strange(data: dict[str, Any]) -> bool:
    """Whether it has a format or a choice that this version knows nothing of, and so could not honour."""
    return data.get("format") != FORMAT or not _KNOWN.issuperset(data)


def _check_names(data: dict[str, Any]) -> None:
    known = _names()
    for shelf, name in (("datasets", data["dataset"]), ("fusions", data["fusion"])):
        if name not in known[shelf]:
            catalog.dataset(name) if shelf == "datasets" else catalog.fusion(name)
    if not known["objectives"].keys() >= set(data["objective"].split("+")):
        catalog.terms(data["objective"])
    strategy = data.get("strategy", "none")
    if not isinstance(strategy, str) or strategy not in known["strategies"]:
        catalog.strategy(str(strategy)[:60])


def _names() -> dict[str, dict[str, catalog.Entry]]:
    return {shelf: catalog.shelf(shelf) for shelf in ("datasets", "fusions", "objectives", "strategies")}


def _parsed(version: object) -> tuple[int, ...] | None:
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    return tuple(int(part or 0) for part in match.groups()) if match else None
