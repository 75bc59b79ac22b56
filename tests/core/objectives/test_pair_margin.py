"""The pair margin loss against a loop over all pairs of points, within and across modalities."""

from __future__ import annotations

import math

import pytest
import torch

from tests.core.objectives.cases import batch_of, loss_of, output_of, squared, unit


@pytest.mark.parametrize("label", [list(range(8)), [0, 1, 0, 1, 2, 2, 0, 1]])
def test_it_is_the_loop_over_all_points(label: list[int]) -> None:
    output = output_of()
    points = unit(output.z["a"]) + unit(output.z["b"])
    same, different = [], []
    for i in range(16):
        for j in range(i):
            d = math.sqrt(squared(points[i], points[j]))
            if label[i % 8] == label[j % 8]:
                same.append(d**2)
            else:
                different.append(max(0.0, 1.5 - d) ** 2)
    wanted = (sum(same) / len(same) + sum(different) / len(different)) / 2
    loss = loss_of("pair_margin", output, batch_of(torch.tensor(label)), margin=1.5)
    assert float(loss.detach()) == pytest.approx(wanted, abs=1e-4)
