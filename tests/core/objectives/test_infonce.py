"""InfoNCE against torch's cross-entropy and a loop written out."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of, output_of, unit


def test_equal_scores_give_ln_b() -> None:
    z = torch.ones(8, 4)
    loss = loss_of("infonce", Output(z={"a": z, "b": z}), batch_of(torch.arange(8)))
    assert float(loss.detach()) == pytest.approx(math.log(8), abs=1e-5)


def test_it_is_torchs_cross_entropy() -> None:
    output = output_of()
    scores = F.normalize(output.z["a"], dim=1) @ F.normalize(output.z["b"], dim=1).T / 0.1
    wanted = (F.cross_entropy(scores, torch.arange(8)) + F.cross_entropy(scores.T, torch.arange(8))) / 2
    loss = loss_of("infonce", output, batch_of(torch.arange(8)))
    assert float(loss.detach()) == pytest.approx(float(wanted.detach()), abs=1e-5)


def test_by_class_all_partners_count() -> None:
    output, label = output_of(), [0, 1, 0, 1, 2, 2, 0, 1]
    a, b = unit(output.z["a"]), unit(output.z["b"])

    def one_way(x: list[list[float]], y: list[list[float]]) -> float:
        total = 0.0
        for i in range(8):
            score = [sum(p * q for p, q in zip(x[i], y[j], strict=True)) / 0.1 for j in range(8)]
            norm = math.log(sum(math.exp(s) for s in score))
            mine = [norm - score[j] for j in range(8) if label[i] == label[j]]
            total += sum(mine) / len(mine) / 8
        return total

    loss = loss_of("infonce", output, batch_of(torch.tensor(label)))
    assert float(loss.detach()) == pytest.approx((one_way(a, b) + one_way(b, a)) / 2, abs=1e-5)
