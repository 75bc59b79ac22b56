"""Who of several pytest processes gets which tests: files stay whole, the browser's make one unit, long units come first.

Browser tests share a server with warm processes, which each pytest process that meets one would start anew. A long unit that
comes last leaves the other processor idle; xdist's own order (most tests first) puts exactly those last.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

BROWSER = "_browser.py"
EARLY = (  # measured: these take the longest, whatever the number of their tests
    "tests/core/balancing/test_promises.py",
    "tests/core/training/",
    "tests/core/serving/test_executor.py",
    "tests/core/advisor/",
    "tests/core/test_promises.py",
    "tests/core/data/test_captions.py",
    "tests/core/fusion/test_late_evidential.py",
)


def unit(nodeid: str) -> str:
    """What stays in one process: the file, or all files of browser tests."""
    file = nodeid.split("::", 1)[0]
    return "browser" if file.endswith(BROWSER) else file


def place(unit: str) -> int:
    """Where a unit stands in the order; the browser's stands first."""
    if unit == "browser":
        return 0
    return next((i for i, start in enumerate(EARLY, 1) if unit.startswith(start)), len(EARLY) + 1)


class Scheduling(LoadFileScheduling):
    """`--dist loadfile` with these units in the order in which the tests were collected."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
