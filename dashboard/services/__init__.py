"""What pages ask: services know no Streamlit. Here is what the one server process owns: the runs folder and the queue.

The launcher sets them before the first page is served. Without a launcher (AppTest, `streamlit run`) they are made
from FUSIONARIUM_RUNS on first use; the executor then starts its workers with the first job.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core import catalog
from core.paths import default_runs

if TYPE_CHECKING:
    from core.serving.executor import Executor


@dataclass
class _Services:
    executors: dict[Path, Executor] = field(default_factory=dict)
    root: Path | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_services = _Services()


def configure(root: Path) -> None:
    """Use this runs folder from now on."""
    _services.root = root.resolve()
    catalog.read_folder(_services.root)


def runs_root() -> Path:
    """The runs folder."""
    return _services.root or default_runs().resolve()


def executor() -> Executor:
    """The queue of the runs folder; one a folder and process."""
    from core.serving.executor import Executor, Limits  # here: the first picture does without

    root = runs_root()
    with _services.lock:
        if root not in _services.executors:
            _services.executors[root] = Executor(root, limits=Limits())
        return _services.executors[root]


def close() -> None:
    """Let all workers go; they finish what they train."""
    with _services.lock:
        for item in _services.executors.values():
            item.close()
        _services.executors.clear()
