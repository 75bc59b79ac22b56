"""Gradient Blending: the paper's optimum by hand, and a holdout that nobody trains on."""

from __future__ import annotations

import pytest
import torch

from core.balancing.gradient_blending import LEAST, blended, changes, kept_above
from core.config import RunConfig
from core.errors import ConfigError
from core.train import train
from core.training.state import TrainState
from tests.conftest import SMALL


def config(**more: object) -> RunConfig:
    return RunConfig.make(
        "interactions", "concat", "classification", {**SMALL, "strategy": "gradient_blending", **more}
    )


def test_the_oracle() -> None:
    """dO .3, dG .2: OGR^2 2.25. Beside one with dO .1, dG .4 it gets .0526 of the weight."""
    then, now = torch.tensor([[1.0, 1.0], [1.2, 1.2]]), torch.tensor([[0.5, 0.5], [1.0, 0.8]])
    gain, overfitting = changes(then, now)
    assert torch.allclose(gain, torch.tensor([0.2, 0.4])) and torch.allclose(overfitting, torch.tensor([0.3, 0.1]))
    assert float((overfitting[0] / gain[0]) ** 2) == pytest.approx(2.25, rel=1e-5)
    weights = blended(gain, overfitting)
    assert float(weights[0]) == pytest.approx(0.0526, abs=5e-5) and float(weights[1]) == pytest.approx(0.9474, abs=5e-5)


def test_it_is_the_best_mixture() -> None:
    """Among all weights that add up to one, these have the highest (w . G)^2 / sum w^2 O^2: the paper's claim."""
    gain, overfitting = torch.tensor([0.2, 0.4, 0.1]), torch.tensor([0.3, 0.1, 0.2])

    def quality(w: torch.Tensor) -> torch.Tensor:
        return (w @ gain) ** 2 / (w**2 @ overfitting**2)

    others = torch.distributions.Dirichlet(torch.ones(3)).sample((2000,))
    best = quality(blended(gain, overfitting))
    assert all(best >= quality(w) - 1e-6 for w in others)


def test_who_gains_nothing_gets_the_least_and_all_are_equal_when_nobody_gains() -> None:
    weights = kept_above(blended(torch.tensor([-0.1, 0.2]), torch.tensor([0.1, 0.1])), LEAST)
    assert float(weights[0]) == pytest.approx(LEAST) and float(weights.sum()) == pytest.approx(1)
    assert torch.equal(blended(torch.tensor([-1.0, -2.0]), torch.ones(2)), torch.full((2,), 0.5))


def test_nobody_trains_on_the_holdout() -> None:
    state = TrainState.build(config(**{"strategy.holdout": 0.25}))
    plain = TrainState.build(RunConfig.make("interactions", "concat", "classification", SMALL))
    held, kept = state.strategy.held.inputs["x1"], state.task.train.inputs["x1"]
    assert len(held) == 64 and state.train_size == 192
    assert not (held.unsqueeze(1) == kept).all(2).any()  # noise makes every sample its own
    both = torch.cat([held, kept]).sum(0)
    assert torch.allclose(both, plain.task.train.inputs["x1"].sum(0), atol=1e-3)
    assert torch.equal(state.task.test.inputs["x1"], plain.task.test.inputs["x1"])


def test_a_batch_larger_than_what_is_left_is_refused() -> None:
    with pytest.raises(ConfigError, match="200 training samples"):
        TrainState.build(config(**{"strategy.holdout": 0.22, "batch_size": 250}))


def test_weights_are_measured_and_told() -> None:
    steps = list(train(config(epochs=5, **{"strategy.every": 2})))
    logged = [
        [s.values[f"strategy/weight/{n}"] for n in ("x1", "x2", "fused")] for s in steps if "train/loss" in s.values
    ]
    assert all(sum(weights) == pytest.approx(1, abs=1e-5) and min(weights) >= LEAST - 1e-6 for weights in logged)
    assert logged[0] == pytest.approx([1 / 3] * 3)
    changed = [i for i in range(1, len(logged)) if logged[i] != logged[i - 1]]
    assert len(changed) == 2  # after the epochs 2 and 4
