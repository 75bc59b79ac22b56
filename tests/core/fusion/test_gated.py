"""GMU: two modalities share one gate, more have one each, as in the paper."""

from __future__ import annotations

import pytest
import torch

from core.data.base import Modality
from core.fusion import build_model
from core.fusion.base import ModelSpec
from core.fusion.gated import Gated
from tests.core.fusion.inputs import embeddings, everyone, fused

NAMES = ("a", "b", "c")


def gated(count: int, gate: str = "coordinate") -> Gated:
    modalities = {name: Modality("features", (3,)) for name in NAMES[:count]}
    model = build_model("gated", ModelSpec(modalities, 8, 4, 0), {"gate": gate})
    assert isinstance(model, Gated)
    return model


@pytest.mark.parametrize("gate", ["coordinate", "modality"])
def test_three_gates_are_three_sigmoids(gate: str) -> None:
    """All may be open at once, and all shut: a softmax could do neither."""
    model = gated(3, gate)
    z = embeddings(model)
    candidates = [model.candidates[name](z[name]).tanh() for name in NAMES]
    with torch.no_grad():
        model.gate.bias.fill_(50.0)
        assert torch.allclose(fused(model, z), torch.stack(candidates).sum(0), atol=1e-6)
        model.gate.bias.fill_(-50.0)
        assert torch.allclose(fused(model, z), torch.zeros(()), atol=1e-6)


def test_two_share_one_gate() -> None:
    model = gated(2)
    z = embeddings(model)
    scores = model.gate(torch.cat([z["a"], z["b"]], 1)).view(-1, 2, 8)
    gate = (scores[:, 0] - scores[:, 1]).sigmoid()
    one, two = (model.candidates[name](z[name]).tanh() for name in NAMES[:2])
    assert torch.allclose(fused(model, z), gate * one + (1 - gate) * two, atol=1e-6)


@pytest.mark.parametrize("count", [2, 3])
def test_who_is_absent_has_no_gate(count: int) -> None:
    model = gated(count)
    z = embeddings(model)
    z["a"] = torch.zeros_like(z["a"])
    weights = model._gate(z, everyone(model, without="a"))
    assert torch.equal(weights[:, 0], torch.zeros_like(weights[:, 0])) and weights[:, 1:].min() > 0
