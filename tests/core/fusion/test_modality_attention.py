"""Modality attention: a weight a sample, on each modality's own merit, whatever their order."""

from __future__ import annotations

import torch

from tests.core.fusion.inputs import embeddings, everyone, fused, swapped
from tests.core.test_promises import build


def weights(model, z, without: str = ""):
    return model._weights(torch.stack(tuple(z.values()), 1), everyone(model, without=without)).detach()


def test_the_order_of_the_modalities_does_not_matter() -> None:
    model = build("modality_attention", 5)
    z = embeddings(model)
    assert torch.allclose(fused(model, z), fused(model, swapped(z)), atol=1e-6)


def test_each_sample_has_weights_of_its_own() -> None:
    model = build("modality_attention", 3)
    a = weights(model, embeddings(model))
    assert torch.allclose(a.sum(1), torch.ones(len(a))) and a.std(0).min() > 1e-3


def test_a_third_modality_takes_from_both_alike() -> None:
    """Each is scored alone, so the odds of two do not depend on what a third says, or whether it is there."""
    model = build("modality_attention", 3)
    z = embeddings(model)
    other = z | {"text": embeddings(model, seed=1)["text"]}
    odds = [a[:, 0] / a[:, 1] for a in (weights(model, z), weights(model, other), weights(model, z, without="text"))]
    assert torch.allclose(odds[0], odds[1], atol=1e-5) and torch.allclose(odds[0], odds[2], atol=1e-5)
    assert (weights(model, z, without="text")[:, 2] == 0).all()


def test_sharpness_goes_from_a_mean_to_a_choice() -> None:
    """Towards 0 the weights are equal; a large sharpness leaves one."""
    z = embeddings(build("modality_attention", 3))
    spread = [weights(build("modality_attention", 3, sharpness=s), z).amax(1).mean() for s in (0.05, 1.0, 20.0)]
    assert spread[0] < 0.35 < spread[1] < 0.9 < spread[2]
