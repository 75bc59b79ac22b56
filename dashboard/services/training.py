"""The state of runs, and the command lines that train them elsewhere. The work itself happens in other processes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from core import catalog
from core.compare.comparison import single
from core.config import RunConfig
from core.errors import RunError
from core.paths import as_typed
from core.runs import ROOM, disk_cap_mb, run_id, store
from core.runs.contributions import against_alone
from dashboard.services import executor, runs_root

Status = dict[str, Any]
LIVE = ("queued", "running")


def existing(configs: Iterable[RunConfig]) -> list[str]:
    """The runs of these configs that have been trained, or are being."""
    names = [run_id(config) for config in configs]
    return [name for name in names if _unopened(name) or store.find_run(runs_root(), name)]


def status_of(run: str) -> Status:
    """The truth about a run; one that is gone or broken says so."""
    if early := _unopened(run):
        return early
    folder = store.find_run(runs_root(), run)
    if folder is None:
        return {"status": "gone"}
    try:
        return {**store.read_status(folder)}
    except RunError as error:
        return {"status": "failed", "message": str(error), "error": error.key, "values": error.values}


def is_live(run: str) -> bool:
    """Whether the run waits or trains."""
    return status_of(run)["status"] in LIVE


def is_finished(configs: list[RunConfig], runs: list[str]) -> bool:
    """Whether nothing of these configs is left to train."""
    return len(runs) == len(configs) > 0 and all(status_of(run)["status"] == "finished" for run in runs)


def others_trained_with(run: str) -> int:
    """How many other seeds were trained together with this one."""
    together: Any = status_of(run).get("together")
    return int(together) - 1 if store.is_number(together) else 0


def render_missing(runs: Iterable[str]) -> None:
    """Have the pictures made that these runs lack: runs of the command line were never watched."""
    for run in runs:
        folder = store.find_run(runs_root(), run)
        running = status_of(run)["status"] == "running"  # perhaps by the command line, which renders nothing
        if folder and (running or len(store.steps(folder, "frames")) > len(store.steps(folder, "projection"))):
            executor().start()
            executor().watch(run)


def alone(config: RunConfig) -> dict[str, dict[str, Any]]:
    """modality -> what the run on it alone with the same choices came to, where that has been trained, and how this run's
    encoder compares, as soon as it has finished (`against_alone`)."""
    fusion = single()
    if fusion is None:
        return {}
    parameter = next(p["name"] for p in fusion["parameters"] if p["kind"] == "modality")
    shared = {n: v for n, v in config.changed().items() if not n.startswith(("fusion.", "objective.", "strategy"))}
    accuracies = {}
    for name in catalog.modalities(catalog.dataset(config.dataset), dict(config.data_settings)):
        by_itself = RunConfig.make(config.dataset, fusion["name"], settings={**shared, f"fusion.{parameter}": name})
        if (accuracy := _metrics(by_itself).get("test/accuracy")) is not None:
            accuracies[name] = accuracy
    return against_alone(_metrics(config), accuracies) if accuracies else {}


def in_the_way(waiting: Iterable[RunConfig]) -> tuple[list[str], float]:
    """The runs that would have to go before these can be trained, and their size in MB."""
    runs = executor().runs
    to_delete = runs.to_clear(ROOM * disk_cap_mb(), {run_id(config) for config in waiting})
    return to_delete, runs.mb(to_delete)


def command_line(configs: Iterable[RunConfig]) -> str:
    """The commands that train these runs from a terminal, one per run; what is default is left out."""
    return "\n".join(_command(config) for config in configs)


def python_lines(config: RunConfig) -> str:
    """Python that trains this run in a notebook."""
    made = ", ".join(repr(part) for part in (config.dataset, config.fusion, config.objective))
    return (
        "from core.config import RunConfig\nfrom core.train import train\n\n"
        f"config = RunConfig.make({made}, settings={config.changed()!r})\n"
        "for step in train(config):\n    print(step.step, step.values)\n"
    )


def _metrics(config: RunConfig) -> dict[str, float]:
    """The last metrics of this config's run; {} before it has finished."""
    folder = store.find_run(runs_root(), run_id(config))
    if folder and store.is_own_file(folder / "result.json"):
        with suppress(RunError):  # the page of runs says what is wrong with that one
            return dict(store.read_result(folder)["metrics"])
    return {}


def _unopened(run: str) -> Status | None:
    """The status of a run whose folder is still being made."""
    try:
        return executor().unopened(run)
    except RunError:  # no folder can be made there; the page says so where something is to be trained
        return None


def _command(config: RunConfig) -> str:
    words = [as_typed("python -m core train"), f"--dataset {config.dataset}", f"--fusion {config.fusion}"]
    words += [f"--objective {config.objective}", f"--seed {config.seed}"]
    words += [
        f"--set {name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in config.changed().items()
        if name != "seed"
    ]
    return " ".join(words)
