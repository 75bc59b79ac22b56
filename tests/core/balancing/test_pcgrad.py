"""PCGrad: opposed gradients, orthogonal results, and that agreement changes nothing."""

from __future__ import annotations

import pytest
import torch

from core.balancing.gradient_ops import cosine
from core.balancing.pcgrad import projected
from core.config import RunConfig
from core.errors import ConfigError
from core.train import train
from core.training.batches import whole
from core.training.state import TrainState
from tests.conftest import SMALL


def test_conflict_is_minus_one_for_opposed_gradients() -> None:
    g = torch.tensor([1.0, 2.0, -3.0])
    assert float(cosine(g, -2 * g)) == pytest.approx(-1) and float(cosine(g, torch.zeros(3))) == 0


def test_a_projected_gradient_is_orthogonal_to_what_it_hurt() -> None:
    both = torch.tensor([[1.0, 0.0], [-1.0, 1.0]])
    first, second = projected(both)
    assert torch.allclose(first, torch.tensor([0.5, 0.5])) and torch.allclose(second, torch.tensor([0.0, 1.0]))
    assert float(first @ both[1]) == pytest.approx(0, abs=1e-6) and float(second @ both[0]) == pytest.approx(
        0, abs=1e-6
    )


def test_opposed_gradients_cancel_and_agreeing_ones_stay() -> None:
    g = torch.tensor([3.0, -1.0])
    assert torch.allclose(projected(torch.stack([g, -g])), torch.zeros(2, 2), atol=1e-6)
    agreeing = torch.stack([g, torch.tensor([1.0, 1.0])])
    assert torch.equal(projected(agreeing), agreeing)


def build(strategy: str) -> TrainState:
    return TrainState.build(
        RunConfig.make("interactions", "concat", "classification+infonce", {**SMALL, "strategy": strategy})
    )


def test_what_only_one_loss_reaches_is_left_alone_and_encoders_are_operated_on() -> None:
    plain, ours = build("none"), build("pcgrad")
    gradients = []
    for state in (plain, ours):
        batch = whole(state.task.train)
        terms = state.objective(state.model(batch), batch)
        # against each other: learn the class, and push partners apart
        losses = {"a": terms["classification"], "b": -20 * terms["infonce"]}
        state.strategy.backward(torch.stack(list(losses.values())).sum(), losses, state.model)
        named = {**dict(state.model.named_parameters()), **dict(state.objective.named_parameters())}
        gradients.append({name: p.grad for name, p in named.items()})
    a, b = gradients
    for name in ("mix.weight", "head.weight", "terms.infonce.scale"):
        assert torch.allclose(a[name], b[name], atol=1e-5), name
    cos = float(ours.strategy.log_values()["cosine"])
    same = all(torch.allclose(a[n], b[n], atol=1e-6) for n in a)
    assert same == (cos >= 0)


def test_one_loss_is_refused() -> None:
    with pytest.raises(ConfigError, match="weighs at least 2 losses against each other, and classification has fewer"):
        RunConfig.make("interactions", "concat", "classification", {"strategy": "pcgrad"})


def test_the_cosine_is_told() -> None:
    config = RunConfig.make("interactions", "concat", "classification+infonce", {**SMALL, "strategy": "pcgrad"})
    logged = [step.values["strategy/cosine"] for step in train(config) if "train/loss" in step.values]
    assert logged and all(-1.0001 <= value <= 1.0001 for value in logged)
