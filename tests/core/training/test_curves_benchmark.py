"""benchmarks/curves.py says where two files of curves differ first, and nothing where they do not."""

from __future__ import annotations

import copy
import runpy
from pathlib import Path
from typing import Any

import pytest

from core.train import train
from tests.conftest import small_config

SCRIPT = Path(__file__).resolve().parents[3] / "benchmarks" / "curves.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_a_difference_in_the_last_bit_is_named(script: dict[str, Any]) -> None:
    ours = {"one": [script["exact"](step) for step in train(small_config(epochs=1))]}
    assert script["differences"](ours, copy.deepcopy(ours)) == []
    theirs = copy.deepcopy(ours)
    value = float.fromhex(theirs["one"][1]["v"]["train/loss"])
    theirs["one"][1]["v"]["train/loss"] = (value * (1 + 2**-52)).hex()
    theirs["one"][1]["state"] = "another"
    assert script["differences"](ours, theirs) == ["one: step 1, train/loss, state"]
    assert script["differences"](ours, {}) == ["one: only in one of them"]


def test_its_configs_reach_all_stages(script: dict[str, Any]) -> None:
    from core import catalog

    configs = [script["config_of"](choice) for choice in script["CHOICES"]]
    assert len({script["name_of"](choice) for choice in script["CHOICES"]}) == len(configs) >= 12
    assert {catalog.fusion(config.fusion)["stage"] for config in configs} >= {"single", "input", "feature", "decision"}
