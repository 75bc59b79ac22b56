"""Tasks that end worker after worker are left alone, and the page that waits for one reads why."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path

from core.compare import advice, estimates
from core.compare.files import write_problem as write_table_problem
from core.config import RunConfig
from core.errors import RunError, described
from core.runs import store
from core.serving.messages import Task

FATAL = 2  # workers that a task may end
KEY = "task_ends_workers"


class FatalTasks:
    """Which tasks ended how many workers; the newest ends, in memory alone."""

    def __init__(self) -> None:
        self._ends: deque[str] = deque(maxlen=100)

    def ended_worker(self, task: Task) -> None:
        """A worker ended over this."""
        self._ends.append(_text(task))

    def __contains__(self, task: Task) -> bool:
        """Whether this ended enough of them: the next worker would die of it too."""
        return self._ends.count(_text(task)) >= FATAL


def write_problem(task: Task) -> None:
    """Write where the task's result would stand why there is none. Takes a disk's time; RunError where it cannot be written."""
    error = RunError(KEY)
    if task["type"] == "compare":
        write_table_problem(Path(task["folder"]), error)
    elif task["type"] == "advise":
        path = advice.place(Path(task["runs"]), task["dataset"], task["data"])
        store.write_json(path, {"problem": described(error)})
    else:
        path = estimates.place(Path(task["runs"]), RunConfig.from_json(task["config"]))
        store.write_json(path, {"problem": described(error)})


def forget(root: Path) -> None:
    """Delete these problems of estimates, which pages request only where nothing stands; a new server tries them once more."""
    for path in estimates.folder(root).glob("*.json"):
        problem = (advice.read(path) or {}).get("problem")
        if isinstance(problem, dict) and problem.get("error") == KEY:
            path.unlink(missing_ok=True)


def _text(task: Task) -> str:
    return json.dumps(task, sort_keys=True, default=str)
