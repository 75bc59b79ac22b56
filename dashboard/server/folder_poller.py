"""One run's folder compared with its last snapshot: about five `stat`s, and files are read only when they changed.

Looks are made by the threads of lanes.py, since any of them may wait for a disk. What a look found is a `News`: it is
applied to the view on the event loop, so that no reader meets half of it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Problem, RunError
from core.runs import store
from core.runs.contributions import with_gradient_shares
from core.runs.types import QueuePlace, RunState, Status
from dashboard.server.messages import GoneReason

RECHECK = 1.0  # seconds between looks at what no file's date tells: a writer's lock, a place in the queue
PICTURE_PROBLEM = "picture_problem.json"
LOOKED_AT = ("config.json", "status.json", "metrics.jsonl", "projection", "result.json", "probe.json", PICTURE_PROBLEM)
PROBE = {"modalities", "classes", "labels", "index", "matrix", "samples", "chance"}  # what the views count on
Table = dict[str, Any]
GetPlace = Callable[[str], QueuePlace | None]  # of a run, by its name: from memory, in no time
GetProblem = Callable[[str], Problem | None]  # likewise


@dataclass(frozen=True)
class News:
    """What changed; None: nothing of that kind."""

    status: Status | None = None
    reset: bool = False  # the records begin again (a resume)
    text: str = ""  # new records, whole lines
    steps: tuple[int, ...] | None = None
    frame: bytes | None = None
    result: Table | None = None
    document: str | None = None  # what the run is, as the message that says so
    pictures: Table | None = None  # {"problem": why its pictures do not come, or None}
    gone: GoneReason | None = None
    trouble: Exception | None = None  # something could not be read now; the next look tries again

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return self is not _NOTHING


_NOTHING = News()


class FolderPoller:
    """What the looks at one run have seen so far."""

    def __init__(self, root: Path, run: str, position: GetPlace, problem: GetProblem) -> None:
        """`position` tells a waiting run's place, `problem` why the pictures do not come."""
        self.root, self.run = root, run
        self.position, self.problem = position, problem
        self.folder: Path | None = None  # not known to be there
        self.paths: dict[str, str] = {}  # a Path costs more than the look
        self.stamps: dict[str, tuple[int, int]] = {}
        self.status: Status | None = None
        self.pictures: Table = {"problem": None}
        self.steps: tuple[int, ...] = ()
        self.offset = 0
        self.checked = -RECHECK
        self.recheck = True
        self.described = self.known = False  # the run; its probe set

    def look(self) -> News:
        """Read what changed. What cannot be read for a moment is reported, and read at the next poll."""
        if self.folder is None and not self._find():
            return self._without_folder()
        if not self._exists("config.json"):
            return News(gone="deleted")
        now = time.monotonic()
        self.recheck = now - self.checked > RECHECK
        found: dict[str, Any] = {}
        for part in (self._frames, self._records, self._status, self._result, self._document, self._pictures):
            try:
                found |= part()
            except (RunError, OSError) as error:
                self.stamps.clear()
                found["trouble"] = error
        if self.recheck:
            self.checked = now
        return News(**found) if found else _NOTHING

    @property
    def running(self) -> bool:
        """Whether the run trains."""
        return self.status is not None and self.status["status"] == RunState.RUNNING

    def _find(self) -> bool:
        folder = store.find_run(self.root, self.run)
        if folder is not None:
            self.folder = folder
            self.paths = {name: os.path.join(folder, name) for name in LOOKED_AT}
        return folder is not None

    def _without_folder(self) -> News:
        """Its folder is being made, or there is no such run."""
        place = self.position(self.run)
        if place is None:
            return _NOTHING if self._find() else News(gone="unknown")
        found = self._told(Status(status=RunState.QUEUED, place=place))
        return News(**found) if found else _NOTHING

    def _told(self, status: Status) -> Table:
        if status == self.status:
            return {}
        self.status = status
        return {"status": status}

    def _status(self) -> Table:
        live = self.status is not None and self.status["status"] in (RunState.RUNNING, RunState.QUEUED)
        if not self._moved("status.json") and not (live and self.recheck):
            return {}
        try:
            status = store.read_status(self._folder)
        except RunError as error:
            _raise_momentary(error)
            status = Status(status=RunState.FAILED, message=str(error), error=error.key)
        if status["status"] == RunState.QUEUED:
            status["place"] = self.position(self.run)
        return self._told(status)

    def _records(self) -> Table:
        if not self._moved("metrics.jsonl"):
            return {}
        path, reset = self._folder / "metrics.jsonl", False
        try:
            new, size = store.read_from(path, self.offset)
            if size < self.offset:
                new, _ = store.read_from(path, 0)
                self.offset, reset = 0, True
        except RunError as error:  # no file of ours
            _raise_momentary(error)
            return {}
        whole = new[: new.rfind(b"\n") + 1]
        self.offset += len(whole)
        return {"reset": reset, "text": whole.decode("utf-8", "replace")} if whole or reset else {}

    def _frames(self) -> Table:
        """The newest picture, and the steps that have one."""
        if not self._moved("projection"):
            return {}
        steps = tuple(store.steps(self._folder, "projection"))
        if not steps:
            return {"steps": steps}
        try:
            return {"steps": steps, "frame": store.read_file(store.frame_path(self._folder, "projection", steps[-1]))}
        except RunError as error:  # dropped by a resume between the two looks, or no file of ours
            _raise_momentary(error)
            return {"steps": steps}

    def _result(self) -> Table:
        if not self._moved("result.json"):
            return {}
        try:
            return {"result": with_gradient_shares(self._folder, store.read_result(self._folder))}
        except RunError as error:
            _raise_momentary(error)
            return {}

    def _document(self) -> Table:
        """What the run is, once at first and once more when its probe set is known."""
        if self.known or not (self._moved("probe.json") or not self.described):
            return {}
        probe = self._read("probe.json") if self._exists("probe.json") else None
        self.known = probe is not None
        if not isinstance(probe, dict) or not set(probe) >= PROBE:
            probe = None
        message = {"type": "run", "run": self.run, "config": self._read("config.json"), "probe": probe}
        self.described = True
        return {"document": json.dumps(message, ensure_ascii=False, allow_nan=False)}

    def _pictures(self) -> Table:
        """Why pictures do not come: the projector is gone, or it has written why."""
        if not self.recheck:
            return {}
        found = self.problem(self.run)
        if found is None and self._exists(PICTURE_PROBLEM):
            found = self._read(PICTURE_PROBLEM)
        pictures = {"problem": found if isinstance(found, dict) else None}
        if pictures == self.pictures:
            return {}
        self.pictures = pictures
        return {"pictures": pictures}

    def _read(self, name: str) -> Any:
        try:
            return store.read_json(self._folder / name)
        except RunError as error:
            _raise_momentary(error)
            return None

    @property
    def _folder(self) -> Path:
        assert self.folder is not None
        return self.folder

    def _exists(self, name: str) -> bool:
        try:
            os.stat(self.paths[name])
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def _moved(self, name: str) -> bool:
        """Whether the file or folder changed since the last look (or went away)."""
        try:
            stat = os.stat(self.paths[name])
        except (FileNotFoundError, NotADirectoryError):
            self.stamps.pop(name, None)
            return False
        stamp = (stat.st_mtime_ns, stat.st_size)
        if self.stamps.get(name) == stamp:
            return False
        self.stamps[name] = stamp
        return True


def _raise_momentary(error: RunError) -> None:
    """Again, where the reason is the system's want of something and not the file."""
    if store.is_momentary(error):
        raise error
