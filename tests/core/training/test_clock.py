"""The clock: what was spent before a resume counts, a shared second counts in part, what is not known stays unknown."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import torch

from core.training.clock import Clock

Hands = dict[str, float]


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hands]:
    """Wall and processor time, set by the test."""
    now = {"wall": 100.0, "cpu": 50.0}
    monkeypatch.setattr(time, "perf_counter", lambda: now["wall"])
    monkeypatch.setattr(time, "process_time", lambda: now["cpu"])
    yield now


def test_a_resumed_clock_goes_on(hands: Hands) -> None:
    first = Clock()
    hands.update(wall=103.0, cpu=52.0)
    second = Clock()
    second.resume(first.state_dict())
    hands.update(wall=104.0, cpu=52.5)
    assert (second.seconds(), second.cpu_seconds()) == (4.0, 2.5)


def test_a_shared_second_counts_in_part(hands: Hands) -> None:
    clock = Clock()
    hands.update(wall=102.0, cpu=51.0)
    clock.share(4)
    hands.update(wall=106.0, cpu=53.0)
    assert (clock.seconds(), clock.cpu_seconds()) == (3.0, 1.5)
    clock.share(1)
    hands.update(wall=107.0, cpu=54.0)
    assert (clock.seconds(), clock.cpu_seconds()) == (4.0, 2.5)


def test_processor_time_unknown_before_a_resume_stays_unknown(hands: Hands) -> None:
    clock = Clock()
    clock.resume({"clock": torch.tensor(7.0)})
    clock.share(2)
    assert (clock.seconds(), clock.cpu_seconds()) == (7.0, None)
    assert set(clock.state_dict()) == {"clock"}
