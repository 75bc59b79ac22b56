"""The general contrastive loss against a double loop; lambda matters, and 0 collapses."""

from __future__ import annotations

import math

import pytest
import torch

from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of, output_of, squared, unit


@pytest.mark.parametrize("lam", [0.0, 1.0, 10.0])
@pytest.mark.parametrize("label", [list(range(8)), [0, 1, 0, 1, 2, 2, 0, 1]])
def test_it_is_the_double_loop(label: list[int], lam: float) -> None:
    output = output_of()
    a, b = unit(output.z["a"]), unit(output.z["b"])
    pull, push = [], []
    for i in range(8):
        for j in range(8):
            d = math.sqrt(squared(a[i], b[j]))
            if label[i] == label[j]:
                pull.append(d**2)
            else:
                push.append(max(0.0, 1.2 - d) ** 2)
    wanted = sum(pull) / len(pull) + lam * sum(push) / len(push)
    loss = loss_of("general", output, batch_of(torch.tensor(label)), lam=lam, margin=1.2)
    assert float(loss.detach()) == pytest.approx(wanted, abs=1e-4)


def test_only_lambda_forbids_the_collapse() -> None:
    z, batch = torch.ones(8, 4), batch_of(torch.arange(8))
    point = Output(z={"a": z, "b": z})
    assert float(loss_of("general", point, batch, lam=0.0)) == pytest.approx(0, abs=1e-6)
    assert float(loss_of("general", point, batch, lam=1.0)) == pytest.approx(1, abs=1e-3)
