"""What a finished run tells of its model: figures that are right where the truth is known."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from core.config import RunConfig
from core.training.diagnostics import diagnostics
from core.training.loop import Loop, Step, train
from core.training.state import TrainState
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
    calls = joint["instruments"]
    clean = joint["missing"]["x1"][0][1]
    assert sum(calls["shapley"].values()) + calls["nobody"] == pytest.approx(clean, abs=1e-6)
    assert calls["shapley"]["x1"] == pytest.approx(calls["shapley"]["x2"], abs=0.05)  # the data are symmetric


def test_only_a_joint_model_loses_by_being_made_additive(joint: dict[str, Any], late: dict[str, Any]) -> None:
    assert joint["instruments"]["interaction"] > 0.2
    assert late["instruments"]["interaction"] == 0.0  # a sum of log-probabilities is its own projection


SHORT = {"data.train_size": 256, "data.test_size": 128, "epochs": 2, "width": 16, "batch_size": 64}
CHOICES = [
    *[("interactions", late, None, {"data.test_missing": 0.3}, True) for late in ("late_average", "late_weighted")],
    *[
        ("interactions", late, None, {}, True)
        for late in ("late_vote", "late_max", "late_calibrated", "late_evidential")
    ],
    ("captions", "late_joint", "regression", {"data.test_missing": 0.3}, True),
    ("captions", "product", "regression", {}, False),
    ("captions", "late_joint", "multi_label", {}, True),
    ("captions", "product", "multi_label", {}, False),
    ("interactions", "product", "evidential", {"epochs": 6, "data.train_size": 2000, "width": 48}, False),
]


def trained(config: RunConfig) -> TrainState:
    """Its epochs without the last look."""
    state = TrainState.build(config)
    loop = Loop(state, False, False)
    for epoch in range(config.epochs):
        list(loop.pass_over(epoch))
    return state


@pytest.mark.parametrize(("dataset", "fusion", "objective", "settings", "sum_"), CHOICES)
def test_a_sum_on_its_own_scale_shows_exactly_nothing(
    dataset: str, fusion: str, objective: str | None, settings: dict[str, Any], sum_: bool
) -> None:
    """Of means of probabilities, votes and evidence, with senses missing, of classes, labels and numbers."""
    state = trained(RunConfig.make(dataset, fusion, objective, {**SHORT, **settings}))
    found = diagnostics(state, {}, 1000)["interaction"]
    assert found == 0.0 if sum_ else abs(found) > 1e-3


def test_three_senses_are_measured_too() -> None:
    settings = {"epochs": 1, "width": 16, "data.text": True, "data.train_size": 500}
    state = trained(RunConfig.make("av_digits", "late_average", "classification", settings))
    assert len(state.model.names) == 3 and diagnostics(state, {}, 1000)["interaction"] == 0.0


def test_a_modality_that_carries_nothing_contributes_nothing() -> None:
    calls = (last("concat", permute="x2").result or {})["instruments"]
    assert calls["perceptual"]["x1"] > 0.1 > abs(calls["perceptual"]["x2"])


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
