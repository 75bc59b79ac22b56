"""Temperatures: found where they are known, and ranks left alone."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from core.objectives import build_objective
from tests.core.test_promises import batch_of, build


def test_it_finds_how_much_too_sure_an_expert_is() -> None:
    """Labels drawn from softmax(l); one expert says l, the other 3 l: temperatures 1 and 3."""
    draw = torch.Generator().manual_seed(0)
    honest = 2 * torch.randn(4000, 5, generator=draw)
    target = torch.multinomial(honest.softmax(1), 1, generator=draw).squeeze(1)
    opinions = torch.stack([honest, 3 * honest]).log_softmax(2)
    model, here = build("late_calibrated"), torch.ones(2, 4000, dtype=torch.bool)
    output = model(batch_of())
    optimizer = torch.optim.Adam([model.log_temperature], lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        judged = model.judge(output, opinions, here).experts
        sum(F.cross_entropy(judged[f"{name} calibrated"], target) for name in model.names).backward()
        optimizer.step()
    assert model.log_temperature.exp().tolist() == pytest.approx([1.0, 3.0], rel=0.1)


def test_an_expert_alone_keeps_its_ranking_and_loses_its_loudness() -> None:
    model, batch = build("late_calibrated").eval(), batch_of()
    absent = {"image": batch.present["image"], "audio": torch.zeros(9, dtype=torch.bool)}
    batch = type(batch)(batch.inputs, absent, batch.target, batch.pair, batch.index)
    plain = model(batch)
    assert torch.allclose(plain.prediction.softmax(1), plain.experts["image"].softmax(1), atol=1e-5)
    with torch.no_grad():
        model.log_temperature.fill_(1.0)
    cooled = model(batch)
    assert torch.equal(cooled.prediction.argmax(1), plain.prediction.argmax(1))
    assert (cooled.prediction.softmax(1).amax(1) < plain.prediction.softmax(1).amax(1)).all()


def test_the_temperature_teaches_no_expert() -> None:
    model, batch = build("late_calibrated"), batch_of()
    build_objective("classification", {})(model(batch), batch)["classification/image calibrated"].backward()
    taught = [name for name, parameter in model.named_parameters() if parameter.grad is not None]
    assert taught == ["log_temperature"]
