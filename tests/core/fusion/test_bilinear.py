"""Bilinear pooling: torch's bilinear form behind a root, and deaf to loudness."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from tests.core.fusion.inputs import embeddings, fused
from tests.core.test_promises import build

WIDTH = 12


def test_it_is_the_root_of_a_bilinear_form() -> None:
    model = build("bilinear", rank=3)
    z = embeddings(model)
    image, audio = (model.factors[name].weight.view(3, WIDTH, WIDTH) for name in model.names)
    s = F.bilinear(z["image"], z["audio"], torch.einsum("roi,roj->oij", image, audio))
    p = s.sign() * s.abs().sqrt()
    assert torch.allclose(fused(model, z), p / p.norm(dim=1, keepdim=True) * WIDTH**0.5, atol=1e-2)


def test_loudness_does_not_count() -> None:
    model, concat = build("bilinear"), build("concat")
    z = embeddings(model)
    loud = z | {"audio": 5 * z["audio"]}
    assert torch.allclose(fused(model, z), fused(model, loud), atol=1e-3)
    assert not torch.allclose(fused(concat, z), fused(concat, loud), atol=0.1)


def test_who_is_absent_is_no_factor() -> None:
    model = build("bilinear", 3)
    two = build("bilinear", 2)
    two.load_state_dict({n: p for n, p in model.state_dict().items() if "text" not in n})
    z = embeddings(model)
    expected = fused(two, {name: z[name] for name in two.names})
    assert torch.allclose(fused(model, z, without="text"), expected, atol=1e-6)
