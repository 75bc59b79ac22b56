"""What every target of the table promises, and that an objective's reading decides what is built."""

from __future__ import annotations

import json
import math

import pytest
import torch

from core import catalog
from core.catalog import compatibility
from core.catalog.registered import registered
from core.config import RunConfig
from core.data import DATASETS
from core.data.base import Task
from core.data.loading import task_of
from core.errors import ConfigError
from core.fusion.base import DualEncoder
from core.objectives import OBJECTIVES, build_objective
from core.objectives.base import Objective
from core.output import Batch, Output
from core.targets import TARGETS
from core.train import train
from core.training.batches import whole
from core.training.state import TrainState
from tests.conftest import small_config

every_target = pytest.mark.parametrize("name", TARGETS)


def captions() -> Task:
    return task_of(RunConfig.make("captions", "concat", settings={"data.train_size": 64, "batch_size": 32}))


@pytest.fixture(scope="module")
def batch() -> Batch:
    return whole(captions().test).rows(slice(0, 64))


def prediction(name: str, batch: Batch) -> torch.Tensor:
    task = captions()
    return torch.randn(len(batch), TARGETS[name].outputs(task), generator=torch.Generator().manual_seed(0))


@every_target
def test_the_score_is_one_of_the_metrics_and_the_mean_of_the_scores(name: str, batch: Batch) -> None:
    target, predicted = TARGETS[name], prediction(name, batch)
    task = captions()
    score = float(target.score(predicted, batch))
    assert target.judge(predicted, batch, task)[target.metric] == pytest.approx(score, abs=1e-5)
    assert float(target.scores(predicted, batch).double().mean()) == pytest.approx(score, abs=1e-5)


@every_target
def test_losses_are_of_each_sample_and_fall_towards_the_truth(name: str, batch: Batch) -> None:
    target, predicted = TARGETS[name], prediction(name, batch).requires_grad_()
    losses = target.losses(predicted, batch)
    assert losses.shape == (len(batch),)
    (slope,) = torch.autograd.grad(losses.sum(), predicted)
    assert bool((target.losses(predicted - 0.01 * slope, batch) <= losses).all())
    one = batch.rows(slice(3, 4))
    assert torch.allclose(target.losses(predicted[3:4], one), losses[3:4], atol=1e-6)  # no sample hears of another


@every_target
def test_what_a_run_keeps_has_a_row_per_sample(name: str, batch: Batch) -> None:
    kept, truth = TARGETS[name].kept(prediction(name, batch), batch)
    assert kept and all(len(rows) == len(batch) for rows in (*kept.values(), truth))
    shown = TARGETS[name].shown(prediction(name, batch))
    assert ("prediction" in shown) == TARGETS[name].names_classes
    assert all(len(rows) == len(batch) for rows in shown.values())


def test_the_catalogue_has_the_table() -> None:
    shelf = {entry["name"]: entry for entry in catalog.catalog()["targets"]}
    assert {name: (t.metric, t.view) for name, t in TARGETS.items()} == {
        name: (entry["metric"], entry["view"]) for name, entry in shelf.items()
    }
    named = {t for item in DATASETS.values() for t in item.targets} | {
        o.target for o in OBJECTIVES.values() if o.target
    }
    assert named <= set(TARGETS)


def test_what_the_objective_reads_decides_which_parts_are_built() -> None:
    def built(objective: str) -> TrainState:
        settings = {"data.train_size": 64, "batch_size": 32}
        return TrainState.build(RunConfig.make("av_digits", "concat", objective=objective, settings=settings))

    both, alone = built("classification+infonce"), built("infonce")
    assert both.objective.reads == {"z", "prediction"} and both.model.name == "concat"
    assert alone.objective.reads == {"z"} and isinstance(alone.model, DualEncoder)
    with pytest.raises(AssertionError):
        _ = build_objective("infonce", {}).target  # nothing is predicted, so nothing judges


def test_what_a_fusion_does_not_give_cannot_be_read() -> None:
    term = {**catalog.terms("vicreg")[0], "reads": ["h"], "joint": False}
    with pytest.raises(ConfigError, match="vicreg reads h, and late_average gives z, tokens, prediction"):
        compatibility.check_terms(catalog.dataset("av_digits"), catalog.fusion("late_average"), [term])
    compatibility.check_terms(catalog.dataset("av_digits"), catalog.fusion("concat"), [term])


class Small(Objective):
    """Of h alone."""

    name, reads = "small", ("h",)

    def forward(self, output: Output, batch: Batch) -> dict[str, torch.Tensor]:
        assert output.h is not None and output.prediction is None
        return {"small": (output.h - 1).square().mean()}


@pytest.mark.parametrize("fusion", ["concat", "input_mlp", "early_transformer"])
def test_without_a_reader_of_predictions_there_is_no_head(fusion: str) -> None:
    """Fused and trained, but nothing predicts, so nothing is judged."""
    with registered(Small):
        config = small_config(fusion, "small")
        assert TrainState.build(config).model.head is None
        losses = [step.values["test/loss"] for step in train(config) if "test/loss" in step.values]
        assert losses[-1] < losses[0]
        with pytest.raises(ConfigError, match="small reads h, and input_linear gives z, prediction"):
            small_config("input_linear", "small")


def test_what_a_view_is_given_is_plain_data_of_each_sample() -> None:
    task = captions()
    given = {name: target.view_data(task, task.test) for name, target in TARGETS.items()}
    assert json.loads(json.dumps(given)) == given and all(
        len(one["truth"]) == len(task.test.target) for one in given.values()
    )
    assert given["class"] == {"names": list(task.classes), "truth": task.test.target.tolist()}
    for row, labels in zip(given["labels"]["truth"], task.test.targets["labels"], strict=True):
        assert labels.sum() == len(row) and labels[row].all()
    value = given["value"]
    assert value["units"] == ["half pictures"] * 2 and value["range"][0] == [
        f(x for x, _ in value["truth"]) for f in (min, max)
    ]
    sure = torch.tensor([[9.0, -9.0, math.nan]])
    assert TARGETS["labels"].shown(sure)["label_chance"].tolist() == [[255, 0, 0]]


def test_names_of_the_shipped_data_have_titles_in_both_languages() -> None:
    entry = catalog.dataset("captions")
    task = captions()
    named = {*task.classes, *(name for names in (*task.names.values(), *task.units.values()) for name in names)}
    assert set(entry["titles"]) == named and all(set(title) == {"en", "zh"} for title in entry["titles"].values())
