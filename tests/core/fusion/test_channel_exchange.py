"""Channel exchange: the formula channel by channel, its price in the loss, and no synergy before channels change hands."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.balancing import STRATEGIES
from core.config import RunConfig
from core.fusion.channel_exchange import ChannelExchange
from core.objectives import build_objective
from core.train import train
from tests.conftest import small_config
from tests.core.fusion.inputs import embeddings, fused
from tests.core.test_promises import batch_of, build, rows_of

WIDTH = 12


def worn(count: int = 2, layers: int = 2) -> ChannelExchange:
    """One with scales, shifts and shares of any size, some of the scales next to nothing."""
    model = build("channel_exchange", count, layers=layers)
    assert isinstance(model, ChannelExchange)
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in (model.scale, model.shift, model.share):
            weights.normal_(generator=draw)
        model.scale[torch.rand(model.scale.shape, generator=draw) < 0.5] = -0.01
    return model


def by_hand(model: ChannelExchange, z: dict[str, Tensor], without: str = "") -> Tensor:
    """One sample at a time, one channel at a time."""
    count, there = len(model.names), [name for name in model.names if name != without]
    rows = []
    for row in range(len(z[model.names[0]])):
        x = {name: z[name][row] for name in model.names}
        for depth, layer in enumerate(model.layers):
            u = {}
            for m, name in enumerate(model.names):
                n = layer(x[name])
                n = (n - n.mean()) / (n.var(unbiased=False) + 1e-5).sqrt()
                u[name] = model.scale[depth, m] * n + model.shift[depth, m]
            for m, name in enumerate(model.names):
                others = [u[other] for other in there if other != name]
                v = u[name].clone()
                for c in range(WIDTH):
                    if c % count == m and model.scale[depth, m, c].abs() < model.threshold and others:
                        v[c] = sum(other[c] for other in others) / len(others)
                x[name] = v.relu()
        alpha = {name: model.share[m].exp() for m, name in enumerate(model.names) if name in there}
        rows.append(sum(alpha[name] * x[name] for name in there) / sum(alpha.values()))
    return torch.stack(rows).detach()


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("without", ["", "audio"])
def test_it_is_the_formula_channel_by_channel(count: int, without: str) -> None:
    model = worn(count)
    z = embeddings(model)
    assert torch.allclose(fused(model, z, without), by_hand(model, z, without), atol=1e-5)


def crossed(model: ChannelExchange) -> float:
    """How much h is more than a sum: h(a, b) - h(a, b') - h(a', b) + h(a', b')."""
    z, other = embeddings(model), embeddings(model, seed=1)
    corners = [
        fused(model, {"image": a, "audio": b})
        for a in (z["image"], other["image"])
        for b in (z["audio"], other["audio"])
    ]
    return float((corners[0] - corners[1] - corners[2] + corners[3]).abs().max())


def test_they_meet_in_exchanged_channels_alone() -> None:
    model = worn()
    assert crossed(model) > 0.01
    with torch.no_grad():
        model.scale[model.scale.abs() < model.threshold] = 1.0
    assert crossed(model) < 1e-5
    assert crossed(worn(layers=1)) < 1e-5  # exchanged, and never mixed


def test_no_channel_is_given_up_by_all() -> None:
    model = build("channel_exchange", 3)
    with torch.no_grad():
        model.scale.zero_()
    given = model._given()  # (L, M, D)
    assert (given.sum(1) == 1).all()
    assert given.sum(2).tolist() == [[4, 4, 4]] * 2


def test_the_price_is_a_term_of_the_loss_and_any_batch_pays_the_same() -> None:
    model, batch = worn(), batch_of()
    objective = build_objective("classification", {})
    terms = objective(model(batch), batch)
    price = sum(0.003 * float(model.scale[depth, c % 2, c].detach().abs()) for depth in range(2) for c in range(WIDTH))
    assert terms["fusion/sparsity"].item() == pytest.approx(price)
    assert objective.total(terms).item() == pytest.approx(terms["classification"].item() + price)
    few = rows_of(batch, slice(0, 2))
    assert objective(model(few), few)["fusion/sparsity"].item() == pytest.approx(price)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_lets_the_price_be_paid(strategy: str) -> None:
    """Those that take the loss apart, too."""
    terms = max(2, STRATEGIES[strategy].fewest_terms)
    objective = "+".join(["classification", "infonce"][:terms])
    steps = list(train(small_config("channel_exchange", objective, strategy=strategy, epochs=3)))
    prices = [step.values["train/loss/fusion/sparsity"] for step in steps if "train/loss" in step.values]
    assert len(prices) > 1 and prices[-1] < 0.95 * prices[0]


def trained(**settings: float) -> list[tuple[float, float]]:
    """Of each epoch the accuracy of exclusive-or, and the share of channels that were exchanged."""
    config = RunConfig.make(
        "interactions", "channel_exchange", settings={f"fusion.{k}": v for k, v in settings.items()}
    )
    found = []
    for step in train(config):
        if step.frame is not None:
            given = torch.tensor(step.frame.diagnostics["exchanged"]["mean"])
            found.append((step.values["test/accuracy/synergy"], float(given.mean())))
    return found


@pytest.mark.slow
def test_what_only_both_together_say_is_learnt_when_channels_change_hands() -> None:
    free = trained(sparsity=0.0)
    assert all(given == 0.0 and synergy < 0.55 for synergy, given in free)
    priced = trained()
    assert priced[0][1] == 0.0 and priced[-1][1] > 0.5
    assert priced[-1][0] > 0.93
