"""Sum: order does not matter, and evidence piles up instead of being rescaled."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from tests.core.fusion.inputs import embeddings, fused, swapped
from tests.core.test_promises import build


def test_the_order_of_the_modalities_does_not_matter() -> None:
    model, concat = build("sum", 3), build("concat", 3)
    z = embeddings(model)
    assert torch.allclose(fused(model, z), fused(model, swapped(z)), atol=1e-6)
    assert not torch.allclose(fused(concat, z), fused(concat, swapped(z)), atol=1e-2)


def test_evidence_piles_up_where_an_average_rescales() -> None:
    model, average = build("sum"), build("weighted_average")
    z = embeddings(model)
    for fusion, expected in ((model, z["image"] + z["audio"]), (average, (z["image"] + z["audio"]) / 2)):
        assert torch.allclose(fused(fusion, z), F.gelu(fusion.mix(expected)), atol=1e-6)
        assert torch.allclose(fused(fusion, z, without="audio"), F.gelu(fusion.mix(z["image"])), atol=1e-6)
