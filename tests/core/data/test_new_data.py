"""New training data: other samples of the same kind for each seed, beside the same test samples."""

from __future__ import annotations

import pytest
import torch

from core import catalog
from core.config import RunConfig
from core.data.loading import load_task, task_of
from core.train import train
from core.training.multi_seed import train_multi_seed

GENERATED = [entry["name"] for entry in catalog.catalog()["datasets"] if entry["draws"]]


@pytest.mark.parametrize("dataset", GENERATED)
def test_each_seed_has_its_own_training_samples_and_all_the_same_test_samples(dataset: str) -> None:
    few = {"data.train_size": 64, "data.test_size": 32, "batch_size": 16}
    shared = task_of(RunConfig.make(dataset, settings=few))
    first, second = (task_of(RunConfig.make(dataset, settings={**few, "seed": s, "new_data": True})) for s in (0, 1))
    for name in shared.modalities:
        drawn = [task.train.inputs[name].float() for task in (shared, first, second)]
        assert all(not torch.equal(a, b) for a, b in ((drawn[0], drawn[1]), (drawn[1], drawn[2])))
        for task in (first, second):  # an image is scaled by the training split's own mean and deviation
            torch.testing.assert_close(
                task.test.inputs[name].float(), shared.test.inputs[name].float(), atol=0.2, rtol=0.2
            )
    assert torch.equal(first.test.target, shared.test.target) and first.samples == shared.samples
    again = task_of(RunConfig.make(dataset, settings={**few, "seed": 1, "new_data": True}))
    assert all(torch.equal(again.train.inputs[name], second.train.inputs[name]) for name in shared.modalities)


def test_without_it_the_data_are_what_they_were() -> None:
    config = RunConfig.make("interactions", settings={"data.train_size": 64, "seed": 3, "batch_size": 8})
    assert task_of(config) is load_task("interactions", dict(config.data_settings))


def test_seeds_trained_together_have_their_own_data_too() -> None:
    few = {"epochs": 1, "data.train_size": 64, "data.test_size": 64, "batch_size": 16, "width": 8, "new_data": True}
    configs = [RunConfig.make("interactions", settings={**few, "seed": seed}) for seed in (0, 1)]
    *_, together = train_multi_seed(configs)
    for config in configs:
        last = list(train(config))[-1]
        assert together[config.seed].values["test/loss"] == pytest.approx(last.values["test/loss"], rel=1e-4)
