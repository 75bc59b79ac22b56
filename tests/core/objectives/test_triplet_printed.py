"""The printed triplet loss: the corrected one's hinge with the distances swapped, and what that does."""

from __future__ import annotations

import pytest
import torch

from tests.core.objectives.cases import batch_of, loss_of, output_of, squared, unit


def test_it_is_the_double_loop_as_printed() -> None:
    output = output_of()
    a, b = unit(output.z["a"]), unit(output.z["b"])
    wanted = 0.0
    for x, y in ((a, b), (b, a)):
        for i in range(8):
            for c in range(8):
                if c != i:
                    wanted += max(0.0, squared(x[i], y[c]) - squared(x[i], y[i]) + 0.5) / 56 / 2
    loss = loss_of("triplet_printed", output, batch_of(torch.arange(8)), margin=0.5)
    assert float(loss.detach()) == pytest.approx(wanted, abs=1e-5)


def test_a_step_down_the_slope_pushes_partners_apart() -> None:
    output, batch = output_of(16), batch_of(torch.arange(16))
    loss = loss_of("triplet_printed", output, batch, margin=2.0)
    slopes = torch.autograd.grad(loss, list(output.z.values()))
    after = {n: z - s for (n, z), s in zip(output.z.items(), slopes, strict=True)}

    def cosine(z: dict[str, torch.Tensor]) -> float:
        return float(torch.cosine_similarity(z["a"], z["b"]).mean().detach())

    assert cosine(after) < cosine(output.z)
