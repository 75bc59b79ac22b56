"""OGM-GE: the paper's factors by hand, and whose gradient is touched."""

from __future__ import annotations

import math

import pytest
import torch

from core.balancing.ogm_ge import alone, factors
from core.config import RunConfig
from core.training.batches import whole
from core.training.state import TrainState
from tests.conftest import SMALL


def state(fusion: str = "concat", **settings: object) -> TrainState:
    named = {f"strategy.{name}": value for name, value in settings.items()}
    return TrainState.build(
        RunConfig.make("interactions", fusion, "classification", {**SMALL, "strategy": "ogm_ge", **named})
    )


def gradients(state: TrainState, balanced: bool) -> dict[str, torch.Tensor]:
    batch = whole(state.task.train)
    state.optimizer.zero_grad()
    output = state.model(batch)
    state.objective.total(state.objective(output, batch)).backward()
    if balanced:
        state.strategy.modulate_gradients(state.model, output, batch)
    return {name: p.grad.clone() for name, p in state.model.named_parameters()}


def test_who_is_ahead_is_slowed() -> None:
    k = factors(torch.tensor([0.6, 0.3]), alpha=0.5)
    assert float(k[0]) == pytest.approx(1 - math.tanh(0.5 * 2), rel=1e-6) and float(k[1]) == 1
    three = factors(torch.tensor([0.6, 0.3, 0.1]), alpha=1.0)
    assert float(three[0]) == pytest.approx(1 - math.tanh(0.6 / 0.2), rel=1e-5) and three[1:].tolist() == [1, 1]
    assert factors(torch.tensor([0.9, 0.1]), alpha=0.0).tolist() == [1, 1]


def test_only_the_leader_s_encoder_is_scaled() -> None:
    one = state(noise=False)
    plain, slowed = gradients(one, False), gradients(one, True)
    speeds = {name: float(one.strategy.log_values()[f"speed/{name}"]) for name in ("x1", "x2")}
    assert sorted(speeds.values())[1] == 1 > sorted(speeds.values())[0]
    for name, gradient in plain.items():
        owner = next((n for n in speeds if name.startswith(f"encoders.{n}.")), None)
        assert torch.allclose(slowed[name], gradient * speeds.get(owner, 1.0), rtol=1e-6), name


def test_the_noise_is_as_large_as_the_gradient() -> None:
    one = state(noise=True, alpha=0.0)
    plain = gradients(one, False)
    torch.manual_seed(0)
    noisy = gradients(one, True)
    name = "encoders.x1.views.weight"
    assert float((noisy[name] - plain[name]).std() / plain[name].std()) == pytest.approx(1, abs=0.1)
    assert torch.equal(noisy["mix.weight"], plain["mix.weight"])


@pytest.mark.parametrize("fusion", ["concat", "gated", "tensor", "cross_attention", "weighted_average"])
def test_alone_is_the_model_with_all_others_absent(fusion: str) -> None:
    from dataclasses import replace

    one = state(fusion)
    batch = whole(one.task.train)
    logits = alone(one.model, one.model(batch), batch)
    for name in ("x1", "x2"):
        here = {n: p if n == name else torch.zeros_like(p) for n, p in batch.present.items()}
        inputs = {n: x if n == name else torch.zeros_like(x) for n, x in batch.inputs.items()}
        asked = one.model(replace(batch, inputs=inputs, present=here))
        assert torch.allclose(logits[name], asked.prediction, atol=1e-6)


def test_the_probe_teaches_no_encoder() -> None:
    one = state(reading="probe")
    batch = whole(one.task.train)
    output = one.model(batch)
    torch.stack(list(one.strategy.losses(output, batch).values())).sum().backward()
    assert all(p.grad is None for p in one.model.parameters())
    assert all(p.grad is not None for p in one.strategy.parameters())
