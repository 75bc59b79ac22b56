"""A click adds up no folders; what is known to be too much is looked at again."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import RunError
from core.serving.room import FRESH, Room


class FakeRuns:
    """A size that is set by hand, and how often it was added up."""

    used, measured = 1.0, 0

    def used_mb(self) -> float:
        self.measured += 1
        return self.used

    def check_room(self, keep: Any = ()) -> None:
        if self.used > 10:
            raise RunError("disk_cap_starred", used="11", cap="10")


class FakeClerk:
    def __init__(self) -> None:
        self.jobs: list[Any] = []

    def do(self, job: Any) -> None:
        self.jobs.append(job)


def test_a_click_adds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUSIONARIUM_DISK_MB", "10")
    runs, clerk, now = FakeRuns(), FakeClerk(), [0.0]
    room = Room(runs, clerk, lambda: now[0])  # type: ignore[arg-type]
    for _ in range(50):
        room.check()
    assert runs.measured == 1 and not clerk.jobs
    now[0], runs.used = FRESH + 1, 11.0
    for _ in range(50):
        room.check()
    assert runs.measured == 1 and len(clerk.jobs) == 1, "measured again in the background, once"
    clerk.jobs[0]()
    with pytest.raises(RunError):
        room.check()
    runs.used = 2.0
    room.check()
    room.check()
    assert runs.measured == 3
