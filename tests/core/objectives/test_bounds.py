"""What an objective learns is never stuck: a bound is kept by a clamp after the step, alone, stacked and after a resume."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from core.objectives import OBJECTIVES, build_objective
from core.objectives.infonce import LARGEST_SCALE
from core.training.state import TrainState
from core.training.vmap_stack import Stack
from tests.conftest import small_config
from tests.core.objectives.cases import batch_of, output_of

LEARNING = [name for name, objective in OBJECTIVES.items() if list(objective().parameters())]
STEPS = 40


def states(count: int, objective: str = "infonce") -> list[TrainState]:
    return [TrainState.build(small_config("sum", objective, seed=seed, learning_rate=0.3)) for seed in range(count)]


def alone() -> tuple[Callable[[], None], Tensor, list[Tensor]]:
    """What takes a step, what is trained, and the temperatures of all seeds."""
    (state,) = states(1)
    scale = state.objective.terms["infonce"].scale

    def step() -> None:
        state.optimizer.step()
        state.keep_within_bounds()

    return step, scale, [scale]


def stacked() -> tuple[Callable[[], None], Tensor, list[Tensor]]:
    pair = states(2)
    stack = Stack(pair)
    own = [state.objective.terms["infonce"].scale for state in pair]
    return stack.step, stack._leaf[own[0]], own


def slope(scale: Tensor) -> Tensor:
    """Of the loss of embeddings at random, which ask for a warmer temperature."""
    objective = build_objective("infonce", {})
    with torch.no_grad():
        objective.terms["infonce"].scale.copy_(scale)
    objective(output_of(), batch_of(torch.arange(8)))["infonce"].backward()
    grad = objective.terms["infonce"].scale.grad
    assert grad is not None
    return grad


@pytest.mark.parametrize("make", [alone, stacked])
def test_a_temperature_that_was_driven_to_its_bound_returns(
    make: Callable[[], tuple[Callable[[], None], Tensor, list[Tensor]]],
) -> None:
    step, trained, scales = make()
    for _ in range(STEPS):
        trained.grad = torch.full_like(trained, -1e6)  # colder, at any price
        step()
    for scale in scales:
        assert float(scale.detach()) == pytest.approx(LARGEST_SCALE, abs=1e-6), "1 / temperature is 100 at most"
        assert float(slope(scale)) > 0.1
    for _ in range(STEPS):
        trained.grad = 1e6 * torch.stack([slope(scale) for scale in scales]).view_as(trained)
        step()
    for scale in scales:
        assert float(scale.detach()) < LARGEST_SCALE - 1


def test_a_state_from_beyond_the_bound_is_put_back() -> None:
    """As an engine may have left it that clamped inside the loss."""
    first, second = states(1)[0], states(1)[0]
    beyond = {**first.state_dict(), "objective.terms.infonce.scale": torch.tensor(9.0)}
    second.load_state_dict(beyond)
    assert float(second.objective.terms["infonce"].scale.detach()) == pytest.approx(math.log(100))


@pytest.mark.parametrize("name", LEARNING)
@pytest.mark.parametrize("pull", [-1e6, 1e6])
def test_nothing_that_an_objective_learns_is_ever_without_a_slope(name: str, pull: float) -> None:
    (state,) = states(1, name)
    for learnt in state.objective.parameters():
        for _ in range(STEPS):
            learnt.grad = torch.full_like(learnt, pull)
            state.optimizer.step()
            state.keep_within_bounds()
        state.optimizer.zero_grad()
        state.objective(output_of(), batch_of(torch.arange(8)))[name].backward()
        assert learnt.grad is not None and math.isfinite(float(learnt.grad)) and float(learnt.grad) != 0
        with torch.no_grad():
            learnt.fill_(1.0)
