"""Runs as people see them: named by what they are, asked for twice and trained once, listed, labelled, deleted."""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core
from core import catalog, store
from core.config import RunConfig
from core.device import resolve
from core.errors import ConfigError, FusionariumError, RunError

DISK_CAP_MB = 4096.0
CAP_VARIABLE = "FUSIONARIUM_DISK_MB"
ROOM = 0.9  # room is made down to this share of the cap, so that the next run does not ask again


def disk_cap_mb() -> float:
    """What all runs together may take: FUSIONARIUM_DISK_MB, or 4096."""
    text = os.environ.get(CAP_VARIABLE, "")
    try:
        cap = float(text) if text else DISK_CAP_MB
    except ValueError:
        cap = math.nan
    if not cap >= 0 or not text.isascii():
        raise ConfigError("not_number", label=CAP_VARIABLE, value=text, low="0", high="inf")
    return cap


def run_id(config: RunConfig) -> str:
    """12 hex digits of everything that decides the curve: config, data content, seed, engine, device kind, threads."""
    return _digest(_identity(config))


def group_id(config: RunConfig) -> str:
    """The same without the seed: the runs that one band is drawn of."""
    return _digest({**_identity(config), "seed": None})


def _identity(config: RunConfig) -> dict[str, Any]:
    content = catalog.dataset(config.dataset)["content"]
    return {
        **config.to_json(),
        "device": resolve(config.device),
        "content": content,
        "engine": core.__version__,
    }


def _digest(identity: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Summary:
    """A line of the list of runs. `problem` is a sentence when the folder cannot be read; the rest is then empty."""

    run: str
    config: dict[str, Any]
    status: dict[str, Any]
    metrics: dict[str, float]
    label: dict[str, Any]
    created: float
    bytes: int
    problem: RunError | None = None
    thumb: bool = False  # whether a small picture of its map is there


class Runs:
    """A folder of run folders."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe = self.root / f".writable-{time.time_ns()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise _unwritable(self.root, error) from error

    def open(self, config: RunConfig, again: bool = False) -> tuple[Path, str]:
        """The folder for this config and what to do with it: "reuse" (finished), "resume" (stopped), "new" or "join"."""
        try:
            return self._open(self.root / run_id(config), config, again)
        except OSError as error:
            raise store.full_disk(self.root, error) or _unwritable(self.root, error) from error

    def _open(self, folder: Path, config: RunConfig, again: bool) -> tuple[Path, str]:
        state = self._state(folder)
        if state in ("running", "queued"):
            return folder, "join"
        if state == "finished" and not again:
            return folder, "reuse"
        if state == "stopped" and not again:
            return folder, "resume"
        if folder.exists():
            keep = self.label(folder.name)
            store.remove(folder)
        else:
            keep = {}
        self._create(folder, config, keep)
        return folder, "new"

    def folder(self, run: str) -> Path:
        """The folder of a run, or RunError: not a name, or not there."""
        if not store.is_run_id(run):
            raise RunError("bad_run_name", name=run)
        folder = store.find_run(self.root, run)
        if folder is None:
            raise RunError("unknown_run", name=run, where=self.root)
        return folder

    def summaries(self) -> list[Summary]:
        """All runs, the newest first. A folder that cannot be read is listed with its problem."""
        found = [self.summary(folder) for folder in self._folders()]
        return sorted(found, key=lambda item: -item.created)

    def summary(self, folder: Path) -> Summary:
        """What the list shows of one run."""
        created = folder.stat().st_mtime
        try:
            config = store.read_json(folder / "config.json")
            RunConfig.from_json(config)
            status = store.read_status(folder)
            metrics = _last_metrics(folder)
            stamp = config.get("created")
            created = float(stamp) if store.is_number(stamp) else created
        except FusionariumError as error:
            problem = error if isinstance(error, RunError) else _broken(folder, error)
            return Summary(folder.name, {}, {}, {}, {}, created, store.size(folder), problem)
        thumb = (folder / "thumb.png").is_file()
        return Summary(
            folder.name, config, status, metrics, self.label(folder.name), created, store.size(folder), thumb=thumb
        )

    def label(self, run: str) -> dict[str, Any]:
        """What people wrote on a run: {"star": bool, "name": str}."""
        path = self.root / run / "label.json"
        if not path.exists():
            return {}
        try:
            label = store.read_json(path)
        except RunError:
            return {}
        return label if isinstance(label, dict) else {}

    def set_label(self, run: str, **changes: Any) -> None:
        """Star or name a run."""
        folder = self._changeable(run)
        store.write_json(folder / "label.json", {**self.label(run), **changes})

    def delete(self, run: str) -> None:
        """Delete a run; one that is being trained has to be stopped first."""
        if not store.is_run_id(run) or store.is_shipped(run):
            self._changeable(run)
        folder = self.root / run
        if not folder.is_dir():
            raise RunError("unknown_run", name=run, where=self.root)
        if store.is_held(folder / "lock"):
            raise RunError("run_busy", name=run)
        store.remove(folder)

    def stop(self, run: str) -> None:
        """Ask the run's writer to stop at its next record. Whoever it is, it looks for this file."""
        (self._changeable(run) / "stop").touch()

    def used_mb(self) -> float:
        """Megabytes that the runs take."""
        return sum(store.size(folder) for folder in self._folders()) / 1e6

    def check_room(self, keep: Collection[str] = ()) -> None:
        """RunError when the runs take more than the cap; it says how many could go. Nothing is deleted unasked."""
        used, cap = self.used_mb(), disk_cap_mb()
        if used > cap:
            doomed = self.to_clear(ROOM * cap, keep)
            key = "disk_cap" if doomed else "disk_cap_starred"
            raise RunError(key, used=f"{used:.1f}", cap=f"{cap:g}", count=len(doomed), mb=f"{self.mb(doomed):.1f}")

    def make_room(self, keep: Collection[str] = ()) -> list[str]:
        """Delete the oldest unstarred runs until there is room; which ones went. Call it after asking."""
        cap = disk_cap_mb()
        gone = self.to_clear(ROOM * cap, keep) if self.used_mb() > cap else []
        for run in gone:
            self.delete(run)
        return gone

    def to_clear(self, cap_mb: float, keep: Collection[str] = ()) -> list[str]:
        """Runs whose deletion brings the folder under the cap: the oldest unstarred ones that nobody writes or needs."""
        over = self.used_mb() - cap_mb
        doomed: list[str] = []
        for item in sorted(self.summaries(), key=lambda s: s.created):
            if over <= 0:
                break
            if item.label.get("star") or item.status.get("status") in ("running", "queued") or item.run in keep:
                continue
            doomed.append(item.run)
            over -= item.bytes / 1e6
        return doomed

    def mb(self, runs: Iterable[str]) -> float:
        """Megabytes that these runs take."""
        return sum(store.size(self.root / run) for run in runs) / 1e6

    def _changeable(self, run: str) -> Path:
        if store.is_run_id(run) and store.is_shipped(run):
            raise RunError("read_only_run", name=run)
        return self.folder(run)

    def _folders(self) -> Iterator[Path]:
        if not self.root.is_dir():  # it went away under us
            return iter(())
        return (path for path in self.root.iterdir() if path.is_dir() and store.is_run_id(path.name))

    def _state(self, folder: Path) -> str | None:
        if not folder.exists():
            return None
        try:
            state = str(store.read_status(folder)["status"])
            read_config(folder)
        except RunError:
            return "failed"  # cannot be read: start over
        if state == "finished" and not self._has_result(folder):
            return "stopped"  # its last look is missing: the checkpoint has all that is needed for it
        return state

    def _has_result(self, folder: Path) -> bool:
        try:
            return bool(store.read_result(folder))
        except RunError:
            return False

    def _create(self, folder: Path, config: RunConfig, label: dict[str, Any]) -> None:
        folder.mkdir(parents=True)
        if label:
            store.write_json(folder / "label.json", label)
        store.write_json(
            folder / "status.json", {"status": "stopped", "step": 0, "epoch": 0.0, "epochs": config.epochs}
        )
        store.write_json(
            folder / "config.json",
            {
                **config.to_json(),
                "id": folder.name,
                "group": group_id(config),
                "device_kind": resolve(config.device),
                "engine": core.__version__,
                "created": time.time(),
            },
        )


def read_config(folder: Path) -> RunConfig:
    """The checked config of a run folder."""
    try:
        return RunConfig.from_json(store.read_json(folder / "config.json"))
    except RunError:
        raise
    except FusionariumError as error:
        raise _broken(folder, error) from error


def _unwritable(root: Path, error: OSError) -> RunError:
    return RunError("unwritable_runs", path=root, reason=error.strerror)


def _broken(folder: Path, error: Exception) -> RunError:
    return RunError("broken_run", name=folder.name, reason=str(error).rstrip("."))


def _last_metrics(folder: Path) -> dict[str, float]:
    """The final metrics, or as long as there are none the newest of each that was recorded."""
    if (folder / "result.json").exists():
        return dict(store.read_result(folder)["metrics"])
    metrics: dict[str, float] = {}
    for record in store.read_records(folder):
        metrics |= {k: v for k, v in record.items() if k.startswith("test/")}
    return metrics
