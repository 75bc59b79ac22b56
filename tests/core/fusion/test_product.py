"""Product: exclusive-or without a hidden layer, and a coordinate that can be silenced."""

from __future__ import annotations

import torch

from tests.core.fusion.inputs import embeddings, fused
from tests.core.test_promises import build

COINS = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])


def test_a_line_through_the_product_is_exclusive_or() -> None:
    model = build("product")
    a, b = COINS.T
    z = {name: (coin - 1).unsqueeze(1).expand(4, 12) for name, coin in (("image", a), ("audio", b))}
    wanted = (a * b).unsqueeze(1)
    assert torch.allclose(fused(model, z)[:, :1], wanted)
    linear = torch.cat([*(value[:, :1] for value in z.values()), torch.ones(4, 1)], 1)
    best = linear @ torch.linalg.lstsq(linear, wanted).solution
    assert torch.allclose(best, torch.zeros(4, 1), atol=1e-6)  # a sum of separate opinions says nothing at all


def test_one_modality_can_silence_a_coordinate() -> None:
    model = build("product", 3)
    z = embeddings(model)
    z["audio"][:, 4] = -1.0
    assert (fused(model, z)[:, 4] == 0).all() and (fused(model, z)[:, 5] != 0).all()


def test_who_is_absent_is_no_factor() -> None:
    model = build("product", 3)
    z = embeddings(model)
    expected = (1 + z["image"]) * (1 + z["text"])
    assert torch.allclose(fused(model, z, without="audio"), expected)
