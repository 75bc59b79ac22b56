"""Pooling: the loudest gives the coordinate, whoever it is; who is absent is not even zero."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from core.output import Output
from tests.core.fusion.inputs import embeddings, everyone, fused, swapped
from tests.core.test_promises import build


@pytest.mark.parametrize("pool", ["max", "mean"])
def test_the_order_of_the_modalities_does_not_matter(pool: str) -> None:
    model = build("pooling", 5, pool=pool)
    z = embeddings(model)
    assert torch.allclose(fused(model, z), fused(model, swapped(z)), atol=1e-6)


def test_the_largest_value_of_those_present() -> None:
    model = build("pooling", 3)
    z = {name: -value.abs() for name, value in embeddings(model).items()}  # so that an absent one's zero would win
    expected = torch.maximum(z["image"], z["text"])
    assert torch.allclose(fused(model, z, without="audio"), F.gelu(model.mix(expected)), atol=1e-6)


def test_the_mean_of_those_present() -> None:
    model = build("pooling", 3, pool="mean")
    z = embeddings(model)
    expected = (z["image"] + z["text"]) / 2
    assert torch.allclose(fused(model, z, without="audio"), F.gelu(model.mix(expected)), atol=1e-6)


def test_it_shows_who_gave_the_coordinates() -> None:
    model = build("pooling")
    z = embeddings(model)
    z["image"][:, :9], z["audio"][:, 9:] = 5.0, 5.0
    look = model.diagnostics(Output(z=z), everyone(model))["wins"]
    assert look.mean.tolist() == [0.75, 0.25]
