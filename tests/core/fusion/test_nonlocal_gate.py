"""Non-local gate: the paper's sum written as loops over pairs of tokens, and what a gate that shuts leaves."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from core.fusion.nonlocal_gate import NonLocalGate
from tests.core.fusion.inputs import embeddings, everyone
from tests.core.fusion.test_bottleneck import tokens_of
from tests.core.test_promises import batch_of, build

WIDTH = 12


def real(tokens: Tensor) -> list[Tensor]:
    return [token for token in tokens if (token != 0).any()]


def attended_by_hand(model: NonLocalGate, own: Tensor, everybody: list[Tensor], dot: bool) -> Tensor:
    """Equation 1 of the paper and W_y, pair by pair, averaged over the queries (T, D); (D,)."""
    answers = []
    for asking in real(own):
        products = [model.theta(asking) @ model.phi(other) for other in everybody]
        f = products if dot else [product.exp() for product in products]
        norm = len(everybody) if dot else torch.stack(f).sum()
        answers.append(sum(x * model.g(other) for x, other in zip(f, everybody, strict=True)) / norm)
    return model.back(torch.stack(answers).mean(0))


@pytest.mark.parametrize("affinity", ["softmax", "dot"])
@pytest.mark.parametrize("count", [2, 3])
def test_it_is_the_papers_sum_over_pairs(affinity: str, count: int) -> None:
    model = build("nonlocal_gate", count, width=WIDTH, affinity=affinity)
    z, tokens = embeddings(model), tokens_of(model)
    rows = []
    for row in range(6):
        everybody = [token for name in model.names for token in real(tokens[name][row])]
        unmasked = []
        for name in model.names:
            y = attended_by_hand(model, tokens[name][row], everybody, affinity == "dot")
            unmasked.append(z[name][row] + model.gates[name](torch.cat([z[name][row], y])).sigmoid() * y)
        rows.append(F.gelu(model.mix(torch.cat(unmasked))))
    assert torch.allclose(model.fuse(z, tokens, everyone(model)), torch.stack(rows), atol=1e-5)


def test_with_all_gates_shut_it_is_concat() -> None:
    model, concat = build("nonlocal_gate"), build("concat")
    z, tokens = embeddings(model), tokens_of(model)
    expected = concat.fuse(z, tokens, everyone(model))
    assert not torch.allclose(model.fuse(z, tokens, everyone(model)), expected, atol=1e-2)
    with torch.no_grad():
        for gate in model.gates.values():
            gate.bias.fill_(-1e4)
    assert torch.equal(model.fuse(z, tokens, everyone(model)), expected)


def test_it_looks_at_its_own_tokens_too() -> None:
    """With the sound gone and z held fast, the image's tokens still count; in cross-attention nobody hears itself."""
    for name, hears_itself in (("nonlocal_gate", True), ("cross_attention", False)):
        model = build(name)
        z, tokens = embeddings(model), tokens_of(model)
        z["audio"], tokens["audio"] = torch.zeros_like(z["audio"]), torch.zeros_like(tokens["audio"])
        other = {**tokens, "image": tokens_of(model, seed=1)["image"]}
        here = everyone(model, without="audio")
        assert torch.equal(model.fuse(z, tokens, here), model.fuse(z, other, here)) is not hears_itself, name


def test_each_sample_has_gates_of_its_own_and_they_are_shown() -> None:
    model, batch = build("nonlocal_gate"), batch_of()
    with torch.no_grad():
        output = model(batch)
    with torch.no_grad():
        gates = model._gates(output.z, model._attended(output.tokens, batch.present))
        look = model.diagnostics(output, batch.present)
    assert all(gate.std(0).max() > 0.01 for gate in gates.values())
    assert look["gate"].mean.tolist() == pytest.approx([float(gates[name].mean()) for name in model.names])
    attention = look["attention"]
    assert attention.axes[0] == model.names
    assert attention.mean.sum(1).tolist() == pytest.approx([1.0] * len(model.names))  # a softmax, averaged
