"""Tasks that wait for a worker, each once, and which comparisons' tables a run belongs to. No processes in here."""

from __future__ import annotations

from pathlib import Path

from core.compare.comparison import Comparison
from core.compare.files import place, write_spec
from core.serving.messages import Task
from core.serving.tasks import table_task

MOST_OPEN = 500  # comparisons whose tables are kept up to date
MOST_DUE = 100  # tasks that may wait


class TaskQueue:
    """Remembers which comparisons a run belongs to, and hands out what is due, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._runs: dict[Path, set[str]] = {}
        self._due: list[Task] = []

    def open(self, comparison: Comparison) -> Path:
        """Begin, or go on with, a comparison; its table is due."""
        write_spec(self.root, comparison)
        return self.add(comparison)

    def add(self, comparison: Comparison) -> Path:
        """The part of `open` that is in memory: of a comparison that is written."""
        folder = place(self.root, comparison)
        self._runs.pop(folder, None)
        self._runs[folder] = set(comparison.runs)
        while len(self._runs) > MOST_OPEN:  # the one that nobody has asked for longest
            del self._runs[next(iter(self._runs))]
        self.add_task(table_task(folder))
        return folder

    def ended(self, run: str) -> None:
        """A run is over: the tables that it stands in are due."""
        for folder, runs in self._runs.items():
            if run in runs:
                self.add_task(table_task(folder))

    def add_task(self, task: Task) -> None:
        """This is due, unless it is already."""
        if not self.waits(task):
            self._due.append(task)

    @property
    def full(self) -> bool:
        """Whether so many tasks wait that a page has to ask again later; tables, of which there are few, are always added."""
        return len(self._due) >= MOST_DUE

    def waits(self, task: Task) -> bool:
        """Whether this is due and not handed to a worker yet."""
        return task in self._due

    def next(self) -> Task | None:
        """What is due first, or None."""
        return self._due.pop(0) if self._due else None
