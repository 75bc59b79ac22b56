"""What validation writes down: numbers, or nothing."""

from __future__ import annotations

import math
from dataclasses import replace

import torch

from core.config import RunConfig
from core.training.evaluation import evaluate
from core.training.final_evaluation import final_evaluation
from core.training.state import TrainState
from tests.conftest import SMALL

CAPTIONS = {"data.train_size": 32, "data.test_size": 32, "batch_size": 16, "width": 4}


def broken(objective: str) -> TrainState:
    """A model whose last step left it without a number."""
    state = TrainState.build(RunConfig.make("interactions", "concat", objective=objective, settings=SMALL))
    with torch.no_grad():
        for weight in state.model.parameters():
            weight.fill_(torch.nan)
    return state


def test_predictions_that_are_no_numbers_are_no_accuracy() -> None:
    """They were the class 0, and an accuracy. The loss beside them ends the run, with a sentence that names it."""
    values = evaluate(broken("classification"), frames=True).values
    assert math.isnan(values["test/loss"]) and not any(name.startswith("test/accuracy") for name in values)


def test_embeddings_that_are_no_numbers_have_no_figures() -> None:
    """Their R@1 was 1."""
    assert not {"test/recall@1", "test/spread"} & evaluate(broken("infonce"), frames=True).values.keys()


def test_what_is_undefined_is_left_out() -> None:
    """R2 of a target that never varies, mAP of labels that nobody has: the keys are not there, and nothing is NaN."""
    for objective, target, value in (("regression", "value", 0.1), ("multi_label", "labels", 0.0)):
        state = TrainState.build(RunConfig.make("captions", "concat", objective=objective, settings=CAPTIONS))
        same = torch.full_like(state.task.test.targets[target], value)
        test = replace(state.task.test, targets={**state.task.test.targets, target: same})
        state.task = replace(state.task, test=test)
        values = final_evaluation(state).values
        assert f"test/{state.objective.target.metric}" not in values
        assert all(map(torch.isfinite, map(torch.tensor, values.values())))
