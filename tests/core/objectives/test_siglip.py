"""SigLIP against a double loop and its value at zero."""

from __future__ import annotations

import math

import pytest
import torch

from core.objectives import build_objective
from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of, output_of, unit


def test_all_zeros_give_b_ln_2() -> None:
    z = torch.zeros(8, 4)
    loss = loss_of("siglip", Output(z={"a": z, "b": z}), batch_of(torch.arange(8)), bias=0.0)
    assert float(loss.detach()) == pytest.approx(8 * math.log(2), abs=1e-5)


@pytest.mark.parametrize("label", [list(range(8)), [0, 1, 0, 1, 2, 2, 0, 1]])
def test_it_is_the_double_loop(label: list[int]) -> None:
    output = output_of()
    a, b = unit(output.z["a"]), unit(output.z["b"])
    wanted = 0.0
    for i in range(8):
        for j in range(8):
            score = 5 * sum(p * q for p, q in zip(a[i], b[j], strict=True)) - 1.5
            sign = 1 if label[i] == label[j] else -1
            wanted += math.log1p(math.exp(-sign * score)) / 8
    loss = loss_of("siglip", output, batch_of(torch.tensor(label)), temperature=0.2, bias=-1.5)
    assert float(loss.detach()) == pytest.approx(wanted, abs=1e-5)


def test_it_begins_as_the_paper_does_and_learns_both() -> None:
    objective = build_objective("siglip", {})
    start = dict(objective.terms["siglip"].named_parameters())
    assert float(start["scale"].exp().detach()) == pytest.approx(10)
    assert float(start["bias"].detach()) == -10
    assert all(p.requires_grad for p in start.values())
    fixed = build_objective("siglip", {"siglip.learned": False})
    assert not any(p.requires_grad for p in fixed.parameters())
