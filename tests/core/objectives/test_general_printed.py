"""The printed general loss: one sum twice, so lambda changes the number and no direction."""

from __future__ import annotations

import pytest
import torch

from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of, output_of, squared, unit


def test_it_is_the_double_loop_as_printed() -> None:
    output = output_of()
    a, b = unit(output.z["a"]), unit(output.z["b"])
    total = sum(squared(u, v) for u in a for v in b) / 64
    loss = loss_of("general_printed", output, batch_of(torch.arange(8)), lam=3.0)
    assert float(loss.detach()) == pytest.approx(total + 3 * total, abs=1e-4)


def test_lambda_turns_no_gradient() -> None:
    output, batch = output_of(), batch_of(torch.arange(8))
    slopes = []
    for lam in (0.0, 10.0):
        loss = loss_of("general_printed", output, batch, lam=lam)
        slopes.append(torch.cat(torch.autograd.grad(loss, list(output.z.values()))).flatten())
    assert float(torch.cosine_similarity(*slopes, dim=0)) == pytest.approx(1, abs=1e-6)


def test_a_point_is_its_best() -> None:
    z = torch.ones(8, 4)
    assert float(loss_of("general_printed", Output(z={"a": z, "b": z}), batch_of(torch.arange(8)))) < 1e-6
