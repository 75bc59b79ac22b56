"""CentralNet: the formula, and how early the senses meet is a matter of its weights."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from tests.core.fusion.inputs import embeddings, everyone
from tests.core.fusion.test_bottleneck import tokens_of
from tests.core.test_promises import build


def test_it_is_the_formula() -> None:
    model = build("central", 3)
    with torch.no_grad():
        for weights in (model.early, model.ready, model.stream):
            weights.normal_()
    z, tokens = embeddings(model), tokens_of(model)
    total, ready = torch.zeros(6, 12), torch.zeros(6, 12)
    for m, name in enumerate(model.names):
        mean = torch.stack([row[(row != 0).any(1)].mean(0) for row in tokens[name]])  # padding does not count
        total, ready = total + model.early[m] * mean, ready + model.ready[m] * z[name]
    c = F.gelu(model.first(total))
    expected = F.gelu(model.second(model.stream * c + ready))
    assert torch.allclose(model.fuse(z, tokens, everyone(model)), expected, atol=1e-6)


def test_how_early_they_meet_is_learned() -> None:
    """Without the stream only what is ready counts; without the ready only the first level. `concat` never sees that one."""
    model = build("central")
    z, other = embeddings(model), embeddings(model, seed=1)
    tokens, others = tokens_of(model), tokens_of(model, seed=1)
    with torch.no_grad():
        model.stream.zero_()
    here = everyone(model)
    assert torch.equal(model.fuse(z, tokens, here), model.fuse(z, others, here))
    with torch.no_grad():
        model.stream.fill_(1.0)
        model.ready.zero_()
    assert torch.equal(model.fuse(z, tokens, here), model.fuse(other, tokens, here))
    assert not torch.allclose(model.fuse(z, tokens, here), model.fuse(z, others, here), atol=1e-2)
