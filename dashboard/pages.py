"""The pages: a page is a file in views/, a line in this table, and its texts ("page.<name>" in both languages).

What it lets people choose is a dataclass in state/; several pages may share one. Navigation, links, routes and tests
find a page here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.state.compare import CompareState
from dashboard.state.experiment import Experiment
from dashboard.state.playground import PlaygroundState
from dashboard.state.runs import RunsState

VIEWS = Path(__file__).with_name("views")


@dataclass(frozen=True)
class Page:
    """A page's name is its address; `icon` is one of Material's, `state` the dataclasses that its link carries."""

    name: str
    icon: str
    state: tuple[type[Any], ...] = ()
    script: Path | None = None  # views/<name>.py where none is given

    @property
    def file(self) -> Path:
        """The script that Streamlit runs."""
        return self.script or VIEWS / f"{self.name}.py"


PAGES = (  # the first one opens at the server's own address
    Page("start", "play_circle"),
    Page("playground", "tune", (Experiment, PlaygroundState)),
    Page("compare", "compare_arrows", (Experiment, CompareState)),
    Page("runs", "history", (RunsState,)),
)


def kinds() -> list[type[Any]]:
    """The states of all pages, each once: what a link carries."""
    return list(dict.fromkeys(kind for page in PAGES for kind in page.state))


def paths() -> list[str]:
    """Each page's path in the address; "" for the first."""
    return ["", *(page.name for page in PAGES[1:])]
