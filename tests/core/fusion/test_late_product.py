"""The product against Bayes' rule, also where classes are not equally frequent."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.config import RunConfig
from core.data.loading import load_task
from core.training.evaluation import forward, whole
from core.training.state import TrainState
from tests.core.fusion.experts import decided, late

PRIOR = torch.tensor([0.7, 0.2, 0.1])
FIRST, SECOND = torch.tensor([0.2, 0.5, 0.9]), torch.tensor([0.3, 0.6, 0.4])  # p(x_m | c) of what was seen


def posterior(*likelihoods: torch.Tensor) -> torch.Tensor:
    joint = PRIOR * torch.stack(likelihoods).prod(0)
    return joint / joint.sum()


def test_experts_that_are_right_give_the_right_posterior() -> None:
    """Each expert has counted the prior; the product must not count it twice."""
    model = late("late_product", prior=tuple(PRIOR.tolist()))
    opinions = [posterior(FIRST).tolist(), posterior(SECOND).tolist()]
    assert torch.allclose(decided(model, *opinions), posterior(FIRST, SECOND), atol=1e-5)
    blind = decided(late("late_product"), *opinions)
    assert blind.argmax() == 0 and posterior(FIRST, SECOND).argmax() == 1  # the prior counted twice decides otherwise


def test_with_one_modality_its_posterior_with_none_the_prior() -> None:
    model = late("late_product", prior=tuple(PRIOR.tolist()))
    opinions = [posterior(FIRST).tolist(), posterior(SECOND).tolist()]
    assert torch.allclose(decided(model, *opinions, without=(1,)), posterior(FIRST), atol=1e-5)
    assert torch.allclose(decided(model, *opinions, without=(0, 1)), PRIOR, atol=1e-5)


def test_an_unbalanced_training_set_is_noticed() -> None:
    """The same experts judge another way when training has met one class ten times as often as the others."""
    config = RunConfig.make("interactions", "late_product", settings={"data.train_size": 2048, "width": 16})
    task = load_task(config.dataset, dict(config.data_settings))
    rare = (task.train.target > 0) & (torch.arange(2048) % 10 > 0)
    unbalanced = replace(task, train=task.train.rows((~rare).nonzero().flatten()))
    models = [TrainState.build(config, one) for one in (task, unbalanced)]
    shares = [model.model.log_prior.exp() for model in models]
    assert float(shares[0].amax()) < 0.09 and shares[1][0] == pytest.approx(unbalanced.prior()[0])
    batch = whole(task.test)
    even, uneven = (forward(model, batch).prediction.log_softmax(1) for model in models)  # type: ignore[union-attr]
    moved = (uneven - even)[:, 0] - (uneven - even)[:, 1]
    counted = shares[1].log() - shares[0].log()
    assert torch.allclose(moved, (counted[1] - counted[0]).expand_as(moved), atol=1e-4)  # taken off once, M - 1 = 1
