"""MMPareto: agreement adds up, conflict finds the shortest mixture, and the length is given back."""

from __future__ import annotations

import pytest
import torch

from core.balancing.mmpareto import settled
from core.config import RunConfig
from core.training.batches import whole
from core.training.state import TrainState
from tests.conftest import SMALL


def test_agreeing_gradients_add_up() -> None:
    a, b = torch.tensor([1.0, 1.0]), torch.tensor([1.0, 0.0])
    assert torch.allclose(settled(a, b, gamma=1.0), a + b) and torch.allclose(settled(a, b, gamma=1.5), 1.5 * (a + b))


def test_a_conflict_is_settled_by_the_shortest_mixture() -> None:
    """By hand: a = (1, 0), b = (-1, 1): w = .6, the mixture (.2, .4) descends both losses; |a + b| = 1 is given back."""
    a, b = torch.tensor([1.0, 0.0]), torch.tensor([-1.0, 1.0])
    g = settled(a, b, gamma=1.0)
    assert torch.allclose(g / g.norm(), torch.tensor([0.2, 0.4]) / 0.2**0.5)
    assert float(g.norm()) == pytest.approx(1)
    shortest = min(float((w * a + (1 - w) * b).norm()) for w in torch.linspace(0, 1, 1001))
    assert shortest == pytest.approx(0.2**0.5, abs=1e-5)
    assert float(g @ a) > 0 and float(g @ b) > 0


def test_opposed_gradients_give_nothing_and_no_nan() -> None:
    a = torch.tensor([1.0, -2.0])
    assert settled(a, -a, gamma=1.5).abs().max() < 1e-5


def test_encoders_get_the_settled_gradient_and_the_rest_the_sum() -> None:
    config = RunConfig.make("interactions", "concat", "classification", {**SMALL, "strategy": "mmpareto"})
    state = TrainState.build(config)
    batch = whole(state.task.train)
    parameters = dict(state.model.named_parameters())

    def losses() -> dict[str, torch.Tensor]:
        output = state.model(batch)
        return state.objective(output, batch) | state.strategy.losses(output, batch)

    def gradients(*names: str) -> dict[str, torch.Tensor]:
        state.model.zero_grad()
        sum(losses()[name] for name in names).backward()
        return {n: torch.zeros_like(p) if p.grad is None else p.grad.clone() for n, p in parameters.items()}

    fused, own = gradients("classification"), gradients("mmpareto/x1")
    state.optimizer.zero_grad()
    named = losses()
    state.strategy.backward(sum(named.values()), named, state.model)
    mine = [n for n in parameters if n.startswith("encoders.x1.")]
    expected = settled(
        torch.cat([fused[n].flatten() for n in mine]), torch.cat([own[n].flatten() for n in mine]), gamma=1.5
    )
    assert torch.allclose(torch.cat([parameters[n].grad.flatten() for n in mine]), expected, atol=1e-6)
    assert torch.allclose(parameters["head.weight"].grad, fused["head.weight"], atol=1e-6)
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in state.strategy.parameters())
