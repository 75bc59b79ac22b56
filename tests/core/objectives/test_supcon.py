"""SupCon against the paper's sum written as a loop."""

from __future__ import annotations

import math

import pytest
import torch

from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of, output_of, unit


def test_it_is_the_papers_sum() -> None:
    output, label = output_of(), [0, 1, 0, 1, 2, 2, 0, 1]
    points, labels = unit(output.z["a"]) + unit(output.z["b"]), label + label
    rows = []
    for i in range(16):
        others = [k for k in range(16) if k != i]
        score = {k: sum(p * q for p, q in zip(points[i], points[k], strict=True)) / 0.2 for k in others}
        norm = math.log(sum(math.exp(s) for s in score.values()))
        partners = [k for k in others if labels[k] == labels[i]]
        rows.append(sum(norm - score[p] for p in partners) / len(partners))
    loss = loss_of("supcon", output, batch_of(torch.tensor(label)), temperature=0.2)
    assert float(loss.detach()) == pytest.approx(sum(rows) / 16, abs=1e-5)


def test_equal_points_give_the_log_of_the_others() -> None:
    z = torch.ones(8, 4)
    loss = loss_of("supcon", Output(z={"a": z, "b": z}), batch_of(torch.arange(8) // 2))
    assert float(loss) == pytest.approx(math.log(15), abs=1e-5)


def test_points_without_a_partner_are_left_out() -> None:
    output = output_of(6)
    here = torch.tensor([True, True, True, True, True, False])
    batch = batch_of(torch.tensor([0, 0, 1, 1, 2, 3]), {"b": here, "a": ~here | (torch.arange(6) < 4)})
    loss = loss_of("supcon", output, batch)  # 4 has only b, 5 only a: both alone
    kept = torch.arange(4)
    partners = loss_of("supcon", output.rows(kept), batch.rows(kept))
    assert float(loss.detach()) > float(partners.detach())  # they still are negatives of the rest
    assert float(loss.detach()) < float(partners.detach()) + 1
