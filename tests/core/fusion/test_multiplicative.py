"""Multiplicative layers: torch's own bilinear form, its diagonal and its single weight."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from tests.core.fusion.inputs import embeddings, fused
from tests.core.test_promises import build

WIDTH = 12


def test_the_matrix_form_is_a_bilinear_form() -> None:
    model = build("multiplicative")
    z = embeddings(model)
    step = model.layers["audio"]
    table = step.write.weight.view(WIDTH, WIDTH, WIDTH)  # out, image, audio
    product = F.bilinear(z["image"], z["audio"], table)
    before = z["image"] @ step.write.bias.view(WIDTH, WIDTH).T
    assert torch.allclose(fused(model, z), F.gelu(product + before + step.join(z["audio"])), atol=1e-5)


def test_the_vector_form_is_its_diagonal() -> None:
    model, matrix = build("multiplicative", form="vector"), build("multiplicative")
    step, whole = model.layers["audio"], matrix.layers["audio"]
    with torch.no_grad():
        whole.write.weight.copy_(torch.einsum("oi,op->opi", step.write.weight, torch.eye(WIDTH)).flatten(0, 1))
        whole.write.bias.copy_(torch.diag(step.write.bias).flatten())
        whole.join.load_state_dict(step.join.state_dict())
    z = embeddings(model)
    assert torch.allclose(fused(model, z), fused(matrix, z), atol=1e-5)


def test_the_scalar_form_has_one_gain_for_all_coordinates() -> None:
    model = build("multiplicative", form="scalar")
    z = embeddings(model)
    step = model.layers["audio"]
    gain = z["audio"] @ step.write.weight[0] + step.write.bias
    assert torch.allclose(fused(model, z), F.gelu(gain.unsqueeze(1) * z["image"] + step.join(z["audio"])), atol=1e-5)


def test_who_is_absent_is_passed_over() -> None:
    model = build("multiplicative", 3)
    z = embeddings(model)
    step = model.layers["text"]
    only_text = sum(step(z["image"], z["text"]).values())
    assert torch.allclose(fused(model, z, without="audio"), F.gelu(only_text), atol=1e-6)
