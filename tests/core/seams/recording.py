"""For the seam tests of learners: a run through its folder, with a stop on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.balancing.none import Plain
from core.config import RunConfig
from core.runs import Runs, store
from core.training.learners import SAMPLERS, UPDATE_RULES
from core.training.recorder import record
from core.training.sampler import Sampler
from core.training.update_rule import UpdateRule


def add_lines(patch: pytest.MonkeyPatch, rule: type[UpdateRule], sampler: type[Sampler] | None = None) -> None:
    """The line in each table, and a strategy that names what it needs."""
    patch.setitem(UPDATE_RULES, rule.name, rule)
    patch.setattr(Plain, "update_rule", rule.name)
    if sampler:
        patch.setitem(SAMPLERS, sampler.name, sampler)
        patch.setattr(Plain, "sampler", sampler.name)


def assert_resumed_is_bit_equal(config: RunConfig, place: Path) -> None:
    """The run in one go, and the same stopped half way and continued from its checkpoint, record the same."""
    whole, _ = Runs(place / "whole").open(config)
    assert [status["status"] for status in record(whole)][-1] == "finished"
    runs = Runs(place / "parts")
    folder, _ = runs.open(config)
    for status in record(folder):
        if status["epoch"] >= config.epochs / 2 and status["status"] == "running":
            runs.stop(folder.name)
    assert store.read_status(folder)["status"] == "stopped" and runs.open(config) == (folder, "resume")
    assert [status["status"] for status in record(folder)][-1] == "finished"
    assert curves(folder) == curves(whole) and len(curves(whole)) > config.epochs
    assert store.read_result(folder)["metrics"] == store.read_result(whole)["metrics"]


def curves(folder: Path) -> list[dict[str, float]]:
    """The records without the clock."""
    return [{k: v for k, v in one.items() if k != "seconds"} for one in store.read_records(folder)]
