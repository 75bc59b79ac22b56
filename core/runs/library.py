"""Runs as people see them: named by their config, so that two requests for the same run train it once, listed, labelled, deleted."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.config.identity import group_id, run_id
from core.errors import RunError
from core.runs import store
from core.runs.disk import disk_cap_mb
from core.runs.index import index_of
from core.runs.run_folder import create, state_of
from core.runs.summary import UNKNOWN, Summary, summarise
from core.runs.version import is_newer, read_config

__all__ = ["Runs", "Summary", "disk_cap_mb", "group_id", "is_newer", "read_config", "run_id"]
ROOM = 0.9  # room is made down to this share of the cap, so that the next run does not ask again


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
            if store.full_disk(self.root, error) is None or not self.root.is_dir():  # a full one can still be read
                raise _unwritable(self.root, error) from error
        self._index = index_of(self.root.resolve())

    def open(self, config: RunConfig, again: bool = False) -> tuple[Path, str]:
        """The folder for this config and what to do with it: "reuse" (finished), "resume" (stopped), "new" or "join"."""
        try:
            return self._open(self.root / run_id(config), config, again)
        except OSError as error:
            raise store.full_disk(self.root, error) or _unwritable(self.root, error) from error
        except RunError as error:
            if error.key != "disk_full":
                raise
            raise RunError("disk_full", path=self.root) from error  # and not of a folder that was about to be

    def _open(self, folder: Path, config: RunConfig, again: bool) -> tuple[Path, str]:
        state = state_of(folder)
        if state in ("running", "queued"):
            return folder, "join"
        if state == "finished" and not again:
            return folder, "reuse"
        if state == "stopped" and not again:
            return folder, "resume"
        keep = store.read_label(folder)
        if os.path.lexists(folder):
            store.remove(folder)
        made = create(folder, config, keep)
        return folder, "new" if made else "join"

    def folder(self, run: str) -> Path:
        """The folder of a run, or RunError: not a name, or not there."""
        if not store.is_run_id(run):
            raise RunError("bad_run_name", name=run)
        folder = store.find_run(self.root, run)
        if folder is None:
            raise RunError("unknown_run", name=run, where=self.root)
        return folder

    def summaries(self, sizes: bool = False) -> list[Summary]:
        """All runs, the newest first. A folder that cannot be read is listed with its problem; this never raises.

        Without `sizes` those of a large folder may be None: adding them up takes as long as the rest of the first look.
        """
        return self._index.summaries(sizes)

    def keep_list(self) -> None:
        """Let the next process have the list sooner."""
        self._index.save()

    def summary(self, folder: Path) -> Summary:
        """What the list shows of one run, its config checked to the last parameter."""
        try:
            modified = os.lstat(folder).st_mtime
        except OSError:
            raise RunError("unknown_run", name=folder.name, where=folder.parent) from None
        item = summarise(folder, store.size(folder), modified)
        try:
            read_config(folder)
            return item if item.problem else replace(item, status=store.read_status(folder))
        except RunError as error:
            return replace(item, config={}, status=UNKNOWN, metrics={}, problem=error)

    def label(self, run: str) -> dict[str, Any]:
        """What people wrote on a run: {"star": bool, "name": str}."""
        return store.read_label(self.root / run) if store.is_run_id(run) else {}

    def set_label(self, run: str, **changes: Any) -> None:
        """Star or name a run. Two who do it at once, from two servers even, both get what they wrote."""
        folder = self._changeable(run)
        with store.labelling(folder):
            try:
                label = store.read_table(folder / "label.json")
            except RunError:
                label = {}
            store.write_json(folder / "label.json", {**label, **changes}, durable=True, make=False)

    def delete(self, run: str) -> None:
        """Delete a run; one that is being trained has to be stopped first."""
        if not store.is_run_id(run) or store.is_shipped(run):
            self._changeable(run)
        folder = self.root / run
        if not (folder.is_symlink() or folder.is_dir()):
            raise RunError("unknown_run", name=run, where=self.root)
        if store.is_written(folder):
            raise RunError("run_busy", name=run)
        try:
            store.remove(folder)
        except OSError as error:
            raise RunError("unwritable_run", name=run, reason=error.strerror) from error

    def stop(self, run: str) -> None:
        """Ask the run's writer to stop at its next record. Whoever it is, it looks for this file."""
        path = self._changeable(run) / "stop"
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            return
        except OSError as error:
            store.raise_for_disk(path, error)

    def used_mb(self) -> float:
        """Megabytes that the runs take."""
        return self._index.bytes() / 1e6

    def sweep(self) -> float:
        """Delete what crashes left behind, where nobody is writing; the megabytes that became free."""
        return store.sweep(self.root) / 1e6

    def leftover_mb(self) -> float:
        """Megabytes that crashes left behind and nobody needs."""
        return sum(item.bytes for item in store.leftovers(self.root)) / 1e6

    def check_room(self, keep: Collection[str] = ()) -> None:
        """RunError when the runs take more than the cap; it says how many could go. Nothing is deleted unasked."""
        used, cap = self.used_mb(), disk_cap_mb()
        if used > cap:
            to_delete = self.to_clear(ROOM * cap, keep)
            key = "disk_cap" if to_delete else "disk_cap_starred"
            raise RunError(
                key, used=f"{used:.1f}", cap=f"{cap:g}", count=len(to_delete), mb=f"{self.mb(to_delete):.1f}"
            )

    def make_room(self, keep: Collection[str] = ()) -> list[str]:
        """Delete the oldest unstarred runs until there is room; which ones went. Call it after asking."""
        cap = disk_cap_mb()
        gone = self.to_clear(ROOM * cap, keep) if self.used_mb() > cap else []
        for run in list(gone):
            try:
                self.delete(run)
            except RunError:  # somebody began to train it, or it is gone already
                gone.remove(run)
        return gone

    def to_clear(self, cap_mb: float, keep: Collection[str] = ()) -> list[str]:
        """Runs whose deletion brings the folder under the cap: the oldest unstarred ones that nobody writes or needs."""
        over = self.used_mb() - cap_mb
        to_delete: list[str] = []
        for item in sorted(self.summaries(sizes=True), key=lambda s: s.created):
            if over <= 0:
                break
            if self._is_needed(item) or item.run in keep:
                continue
            to_delete.append(item.run)
            over -= (item.bytes or 0) / 1e6
        return to_delete

    def mb(self, runs: Iterable[str]) -> float:
        """Megabytes that these runs take."""
        return sum(self._index.bytes_of(run) for run in runs) / 1e6

    def _is_needed(self, item: Summary) -> bool:
        """Starred, waiting, in training (by a version whose status we cannot read, even), or of a newer version."""
        if item.label.get("star") or item.status.get("status") in ("running", "queued") or is_newer(item.problem):
            return True
        return store.is_written(self.root / item.run)

    def _changeable(self, run: str) -> Path:
        if store.is_run_id(run) and store.is_shipped(run):
            raise RunError("read_only_run", name=run)
        return self.folder(run)


def _unwritable(root: Path, error: OSError) -> RunError:
    return RunError("unwritable_runs", path=root, reason=error.strerror)
