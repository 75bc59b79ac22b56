"""FiLM: the conditioner scales and shifts; without it the others are read as they are."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from tests.core.fusion.inputs import embeddings, fused
from tests.core.test_promises import build


def test_an_absent_conditioner_leaves_the_others_as_they_are() -> None:
    model = build("film", 3)
    z = embeddings(model)
    expected = F.gelu(model.mix(torch.cat([z["audio"], z["text"]], 1)))
    assert torch.allclose(fused(model, z, without="image"), expected, atol=1e-6)


@pytest.mark.parametrize("conditioner", ["image", "audio"])
def test_it_is_the_formula(conditioner: str) -> None:
    model = build("film", modality=conditioner)
    z = embeddings(model)
    other = "audio" if conditioner == "image" else "image"
    gamma = torch.ones(12) + z[conditioner] @ model.gain[other].weight.T
    beta = z[conditioner] @ model.shift[other].weight.T
    assert torch.allclose(fused(model, z), F.gelu(model.mix(gamma * z[other] + beta)), atol=1e-5)


def test_one_condition_can_turn_what_the_other_says() -> None:
    """The same audio, read the other way round: a constant gain (`concat`'s) cannot."""
    model = build("film")
    torch.nn.init.eye_(model.gain["audio"].weight)
    torch.nn.init.zeros_(model.shift["audio"].weight)
    torch.nn.init.eye_(model.mix.weight)
    torch.nn.init.zeros_(model.mix.bias)
    audio = torch.full((1, 12), 3.0)
    read, turned = (fused(model, {"image": torch.full((1, 12), c), "audio": audio}) for c in (0.0, -2.0))
    assert torch.allclose(read, F.gelu(audio)) and torch.allclose(turned, F.gelu(-audio))
