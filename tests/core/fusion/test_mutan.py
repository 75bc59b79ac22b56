"""MUTAN: a full bilinear form with the tensor that it never builds, whose core has slices of the rank it says."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tests.core.fusion.inputs import embeddings, fused
from tests.core.test_promises import build

WIDTH, CORE = 6, 5


def small(model, name: str) -> Tensor:
    """W_m (K, D)."""
    return model.small[name].weight.detach()


def factor(model, name: str) -> Tensor:
    """M_m^r (R, D, K)."""
    return model.factors[name].weight.detach().view(model.rank, WIDTH, CORE)


def core(model) -> Tensor:
    """The core (K, ..., K, D) of Tucker's decomposition: a sum over ranks of outer products."""
    letters = "ijk"[: len(model.names)]
    terms = ",".join(f"ro{letter}" for letter in letters)
    return torch.einsum(f"{terms}->{letters}o", *(factor(model, name) for name in model.names))


@pytest.mark.parametrize("rank", [1, 3])
def test_it_is_the_full_bilinear_form_of_the_tucker_tensor(rank: int) -> None:
    """torch's own bilinear form with T = core x_3 W_o, from what each modality brings to the scores of the classes."""
    model = build("mutan", width=WIDTH, rank=rank, core=CORE)
    z = embeddings(model)
    q = [(z[name] @ small(model, name).T).tanh() for name in model.names]
    tensor = torch.einsum("ijo,co->cij", core(model), model.head.weight.detach())
    expected = F.bilinear(*q, tensor, model.head.bias.detach())
    assert torch.allclose(model.head(fused(model, z)).detach(), expected, atol=1e-6)


def test_quiet_embeddings_meet_the_whole_tucker_tensor() -> None:
    """Where the tanh is a straight line, the D x D x C tensor of all four parts says the same, straight from z."""
    model = build("mutan", width=WIDTH, rank=2, core=CORE).double()
    z = {name: 1e-4 * value.double() for name, value in embeddings(model).items()}
    image, audio = model.names
    parts = (core(model), small(model, image), small(model, audio), model.head.weight.detach())
    tensor = torch.einsum("ijo,ia,jb,co->cab", *parts)
    expected = F.bilinear(z["image"], z["audio"], tensor)
    ours = fused(model, z) @ model.head.weight.detach().T
    assert expected.abs().max() > 0 and torch.allclose(ours, expected, rtol=1e-4, atol=0)


def test_it_equals_the_full_tensor_for_three_modalities() -> None:
    model = build("mutan", 3, width=WIDTH, rank=2, core=CORE)
    z = embeddings(model)
    q = [(z[name] @ small(model, name).T).tanh() for name in model.names]
    assert torch.allclose(fused(model, z), torch.einsum("bi,bj,bk,ijko->bo", *q, core(model)), atol=1e-6)


def test_each_slice_of_the_core_has_the_rank_that_was_chosen() -> None:
    for rank in (1, 2, 4):
        slices = core(build("mutan", width=WIDTH, rank=rank, core=CORE)).permute(2, 0, 1)  # (D, K, K)
        assert torch.linalg.matrix_rank(slices).tolist() == [rank] * WIDTH


def test_shouting_is_of_no_use() -> None:
    """The tanh bounds what a modality can bring; `low_rank` grows without end."""
    model, other = build("mutan"), build("low_rank")
    z = embeddings(model)
    loud = {name: 1e4 * value for name, value in z.items()}
    bound = torch.stack([model.factors[name].weight.detach().abs().sum(1) for name in model.names]).prod(0)
    bound = bound.view(model.rank, -1).sum(0)
    assert (fused(model, loud).abs() <= bound * 1.0001).all()
    assert (fused(other, loud).abs() > 1e4 * bound).any()


def test_who_is_absent_is_no_factor() -> None:
    model, two = build("mutan", 3), build("mutan", 2)
    two.load_state_dict({n: p for n, p in model.state_dict().items() if "text" not in n})
    z = embeddings(model)
    expected = fused(two, {name: z[name] for name in two.names})
    assert torch.allclose(fused(model, z, without="text"), expected, atol=1e-6)
