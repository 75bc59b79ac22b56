"""What a finished run tells of its model: figures that are right where the truth is known."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from core.config import RunConfig
from core.train import Step, train
from tests.conftest import small_config


def last(fusion: str, epochs: int = 12, **settings: Any) -> Step:
    config = RunConfig.make("interactions", fusion, settings={"epochs": epochs, "data.test_size": 500, **settings})
    return list(train(config, frames=False, look=False))[-1]


@pytest.fixture(scope="module")
def joint() -> dict[str, Any]:
    return dict(last("concat").result or {})


@pytest.fixture(scope="module")
def late() -> dict[str, Any]:
    return dict(last("late_product").result or {})


def test_shapley_shares_out_what_the_model_gains_over_nobody(joint: dict[str, Any]) -> None:
    seen = joint["instruments"]
    clean = joint["missing"]["x1"][0][1]
    assert sum(seen["shapley"].values()) + seen["nobody"] == pytest.approx(clean, abs=1e-6)
    assert seen["shapley"]["x1"] == pytest.approx(seen["shapley"]["x2"], abs=0.05)  # the data are symmetric


def test_only_a_joint_model_loses_by_being_made_additive(joint: dict[str, Any], late: dict[str, Any]) -> None:
    assert joint["instruments"]["additive"] > 0.2
    assert late["instruments"]["additive"] == 0.0  # a sum of log-probabilities is its own projection


def test_a_modality_that_carries_nothing_contributes_nothing() -> None:
    seen = (last("concat", permute="x2").result or {})["instruments"]
    assert seen["perceptual"]["x1"] > 0.1 > abs(seen["perceptual"]["x2"])


def test_robustness_is_the_area_under_the_table(joint: dict[str, Any]) -> None:
    rows = joint["missing"]["x1"]
    heights = [row[1] for row in rows]
    area = sum((a + b) / 2 for a, b in pairwise(heights)) / (len(rows) - 1)
    assert joint["instruments"]["robustness"]["missing"]["x1"] == pytest.approx(area)


def test_costs_are_those_of_one_sample(joint: dict[str, Any]) -> None:
    assert joint["parameters"] == 48848 and joint["flops"] > 2 * 40000 and joint["bytes"] > 0


def test_nothing_is_said_of_a_run_that_predicts_nothing() -> None:
    config = small_config(objective="infonce", epochs=1)
    step = list(train(config))[-1]
    assert (step.result or {})["instruments"] == {} and "test/ece" not in step.values
