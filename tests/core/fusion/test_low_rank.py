"""Low-rank fusion: the full tensor's contraction without the tensor, and every factor is a weight that learns."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.core.fusion.inputs import embeddings, fused
from tests.core.test_promises import build

WIDTH = 5


def factor(model, name: str) -> Tensor:
    """w_m^r (R, 1 + D, D): inputs with the appended 1 first, then outputs."""
    layer = model.factors[name]
    weight = layer.weight.view(model.rank, WIDTH, WIDTH).transpose(1, 2)
    return torch.cat([layer.bias.view(model.rank, 1, WIDTH), weight], 1).detach()


@pytest.mark.parametrize("rank", [1, 3])
def test_it_equals_the_full_tensor_for_two_modalities(rank: int) -> None:
    model = build("low_rank", 2, width=WIDTH, rank=rank)
    z = embeddings(model)
    a, b = (torch.cat([torch.ones(len(v), 1), v], 1) for v in z.values())
    full = torch.einsum("rio,rjo->ijo", *(factor(model, name) for name in model.names))  # (1 + D, 1 + D, D)
    assert torch.allclose(fused(model, z), torch.einsum("bi,bj,ijo->bo", a, b, full) + model.bias, atol=1e-5)


def test_it_equals_the_full_tensor_for_three_modalities() -> None:
    model = build("low_rank", 3, width=WIDTH, rank=2)
    z = embeddings(model)
    u = [torch.cat([torch.ones(len(v), 1), v], 1) for v in z.values()]
    full = torch.einsum("rio,rjo,rko->ijko", *(factor(model, name) for name in model.names))
    assert torch.allclose(fused(model, z), torch.einsum("bi,bj,bk,ijko->bo", *u, full) + model.bias, atol=1e-4)


def test_every_factor_is_registered_and_taught() -> None:
    """M R (1 + D) D weights and D biases; a published toolkit registers 160 of 1,161,760."""
    model = build("low_rank", 3, width=WIDTH, rank=4)
    mine = {n: p for n, p in model.named_parameters() if n.startswith(("factors.", "bias"))}
    assert sum(p.numel() for p in mine.values()) == 3 * 4 * (1 + WIDTH) * WIDTH + WIDTH
    model.fuse(embeddings(model), {}, {}).square().sum().backward()
    assert all((p.grad != 0).all() for p in mine.values())
