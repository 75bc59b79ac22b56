"""Mixture of experts: a sample hears the experts that it was sent to and no other."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from core.output import Output
from tests.core.fusion.inputs import embeddings, everyone, fused
from tests.core.test_promises import build

ROWS, WIDTH = 40, 12


@pytest.mark.parametrize("chosen", [1, 2, 16])
def test_it_is_the_formula_sample_by_sample(chosen: int) -> None:
    model = build("mixture", chosen=chosen)
    z = embeddings(model, ROWS)
    h = fused(model, z)
    for row in range(ROWS):
        joined = torch.cat([value[row] for value in z.values()])
        g = (model.router.weight @ joined).softmax(0)
        expected = torch.zeros(WIDTH)
        for e in sorted(range(4), key=lambda e: -g[e])[:chosen]:
            weight, bias = (p.unflatten(0, (4, WIDTH))[e] for p in (model.experts.weight, model.experts.bias))
            expected = expected + g[e] * F.gelu(weight @ joined + bias)
        assert torch.allclose(h[row], expected, atol=1e-5)


def test_an_expert_that_is_not_chosen_has_no_say() -> None:
    model = build("mixture", chosen=1)
    z = embeddings(model, ROWS)
    sent = model._route(torch.cat(tuple(z.values()), 1)).argmax(1)
    before = fused(model, z)
    with torch.no_grad():
        model.experts.bias[:WIDTH] += 1.0  # the first expert changes its mind
    changed = ~torch.isclose(before, fused(model, z)).all(1)
    assert torch.equal(changed, sent == 0) and 0 < changed.sum() < ROWS


def test_it_shows_how_often_each_is_chosen() -> None:
    model = build("mixture", chosen=2)
    z = embeddings(model, ROWS)
    look = model.diagnostics(Output(z=z), everyone(model, ROWS))["routing"]
    assert look.mean.sum() == pytest.approx(2.0) and look.mean.max() < 1.0
