"""Folds: nobody is heard on what it has learnt from, and whoever leaves a fold out is the run without it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.config import RunConfig
from core.data.loading import load_task
from core.fusion.folds import folds_of
from core.fusion.late_stacking import LateStacking
from core.metrics.cost import Cost
from core.train import train
from tests.conftest import small_config
from tests.core.test_promises import batch_of, build


@pytest.mark.parametrize("count", [2, 3, 4, 5])
@pytest.mark.parametrize("classes", [1, 2, 7, 10, 16])
def test_folds_are_even_also_where_classes_come_in_turn(count: int, classes: int) -> None:
    fold = folds_of(torch.arange(4000), count)
    for label in range(classes):
        share = torch.bincount(fold[torch.arange(4000) % classes == label], minlength=count) * count * classes / 4000
        assert share.min() > 0.85 and share.max() < 1.15


def final(config: RunConfig, task=None) -> dict[str, torch.Tensor]:
    states = [step.state() for step in train(config, task=task, look=False) if step.state is not None]
    return {n.removeprefix("model."): v for n, v in states[-1].items() if n.startswith("model.")}


@pytest.mark.parametrize("fold", [0, 2])
def test_an_expert_of_a_fold_is_the_run_that_never_had_it(fold: int) -> None:
    config = small_config("late_stacking")
    task = load_task(config.dataset, dict(config.data_settings))
    kept = folds_of(torch.arange(len(task.train.target)), 3) != fold
    without = replace(task, train=replace(task.train, present={**task.train.present, "x1": kept}))
    together, alone = final(config), final(small_config("only", fusion__modality="x1"), without)
    for name, value in alone.items():
        assert torch.equal(together[f"folds.{fold}.{name}"], value), name


def test_in_training_a_sample_is_heard_by_the_fold_that_left_it_out() -> None:
    """Spoil the experts of one fold: only its own samples sound different, and only while training."""
    model, batch = build("late_stacking"), batch_of(rows=64)
    fold = folds_of(batch.index, 3)
    before, asked = model.train()(batch), model.eval()(batch)
    with torch.no_grad():
        for parameter in model.folds[1].parameters():
            parameter.add_(1.0)
    after, again = model.train()(batch), model.eval()(batch)
    changed = (before.prediction != after.prediction).any(1)
    assert torch.equal(changed, fold == 1)
    assert torch.equal(asked.prediction, again.prediction)
    assert torch.equal(before.taught["image fold 1"], fold != 1)


def test_the_loop_asks_in_one_mode_and_teaches_in_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    judge, modes = LateStacking.judge, []

    def noted(self, output, opinions, present):
        modes.append((self.training, torch.is_grad_enabled()))
        return judge(self, output, opinions, present)

    monkeypatch.setattr(LateStacking, "judge", noted)
    monkeypatch.setattr(
        "core.training.diagnostics.cost", lambda model, forward: Cost(0, 0, 0, 0)
    )  # what a training step costs
    list(train(small_config("late_stacking")))
    assert set(modes) == {(True, True), (False, False)}
