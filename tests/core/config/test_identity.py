"""A run's name: runs of before are found again, unless their method now trains another curve."""

from __future__ import annotations

import pytest

from core import catalog
from core.config import RunConfig
from core.runs import group_id, run_id

MADE_BEFORE = [  # by the engine as it stood before methods had revisions
    ("interactions", "tensor", "classification", "2bf199ed7287"),
    ("av_digits", "late_average", "classification", "8ba9e3098f2a"),
    ("captions", "concat", "siglip", "c774bd515b1e"),
    ("captions", "concat", "infonce", "9d3703036a5e"),
]


@pytest.mark.parametrize(("dataset", "fusion", "objective", "name"), MADE_BEFORE)
def test_runs_of_before_keep_their_names(dataset: str, fusion: str, objective: str, name: str) -> None:
    assert run_id(_config(dataset, fusion, objective)) == name


def test_a_method_that_trains_otherwise_gets_new_names() -> None:
    """Gates of three modalities were a softmax: a run of then is not what this engine would train."""
    assert run_id(_config("av_digits", "gated", "classification+infonce")) != "d5b982468af1"


def test_a_revision_changes_names_of_its_method_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    configs = [_config("interactions", fusion, "classification") for fusion in ("tensor", "concat")]
    before = [(run_id(config), group_id(config)) for config in configs]
    monkeypatch.setitem(catalog.fusion("tensor"), "revision", 7)
    after = [(run_id(config), group_id(config)) for config in configs]
    assert after[0][0] != before[0][0] and after[0][1] != before[0][1]
    assert after[1] == before[1]


def _config(dataset: str, fusion: str, objective: str) -> RunConfig:
    return RunConfig.make(dataset, fusion, objective, settings={"device": "cpu"})
