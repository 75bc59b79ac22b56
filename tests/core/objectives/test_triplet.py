"""The triplet loss against torch's and against negatives chosen in a loop."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of, output_of, squared, unit


def test_one_half_by_hand() -> None:
    """Partner at distance 0, negative at distance .5, margin 1: torch says .5, and so do we."""
    angle = 2 * math.asin(0.25)
    x, y = torch.tensor([1.0, 0.0]), torch.tensor([math.cos(angle), math.sin(angle)])
    z = torch.stack([x, y])
    assert float(F.triplet_margin_loss(x[None], x[None], y[None], margin=1.0)) == pytest.approx(0.5, abs=1e-5)
    loss = loss_of("triplet", Output(z={"a": z, "b": z}), batch_of(torch.arange(2)), margin=1.0, distance="plain")
    assert float(loss) == pytest.approx(0.5, abs=1e-5)


def test_all_negatives_is_torchs_mean() -> None:
    output = output_of()
    a, b = (F.normalize(output.z[name], dim=1) for name in ("a", "b"))
    i, c = zip(*[(i, c) for i in range(8) for c in range(8) if c != i], strict=True)
    i, c = list(i), list(c)
    wanted = (
        F.triplet_margin_loss(a[i], b[i], b[c], margin=0.7) + F.triplet_margin_loss(b[i], a[i], a[c], margin=0.7)
    ) / 2
    loss = loss_of("triplet", output, batch_of(torch.arange(8)), margin=0.7, negatives="all", distance="plain")
    assert float(loss.detach()) == pytest.approx(float(wanted.detach()), abs=1e-4)


def chosen(kind: str, d: list[float], own: int, negatives: list[int]) -> int:
    """One negative, in words as the docstring has them."""
    if kind == "random":
        return next(c % len(d) for c in range(own + 1, own + 1 + len(d)) if c % len(d) in negatives)
    if kind == "hardest":
        return min(negatives, key=lambda c: d[c])
    beyond = [c for c in negatives if d[c] > d[own]]
    return min(beyond, key=lambda c: d[c]) if beyond else max(negatives, key=lambda c: d[c])


@pytest.mark.parametrize("kind", ["random", "semi_hard", "hardest"])
@pytest.mark.parametrize("label", [list(range(12)), [0, 1, 0, 1, 2, 2, 0, 1, 2, 2, 1, 0]])
def test_the_negatives_are_the_right_ones(kind: str, label: list[int]) -> None:
    output = output_of(12)
    a, b = unit(output.z["a"]), unit(output.z["b"])

    def one_way(x: list[list[float]], y: list[list[float]]) -> float:
        hinges = []
        for i in range(12):
            d = [squared(x[i], v) for v in y]
            c = chosen(kind, d, i, [c for c in range(12) if label[c] != label[i]])
            hinges.append(max(0.0, d[i] - d[c] + 0.5))
        return sum(hinges) / 12

    loss = loss_of("triplet", output, batch_of(torch.tensor(label)), margin=0.5, negatives=kind)
    assert float(loss.detach()) == pytest.approx((one_way(a, b) + one_way(b, a)) / 2, abs=1e-5)


def test_the_same_batch_has_the_same_loss() -> None:
    """Random negatives too: a validation loss must not differ from itself."""
    output, batch = output_of(), batch_of(torch.arange(8))
    torch.manual_seed(0)
    one = loss_of("triplet", output, batch, negatives="random")
    torch.manual_seed(1)
    assert torch.equal(one, loss_of("triplet", output, batch, negatives="random"))


def test_harder_negatives_cost_more() -> None:
    output, batch = output_of(32), batch_of(torch.arange(32))
    hardest, every = (float(loss_of("triplet", output, batch, negatives=kind).detach()) for kind in ("hardest", "all"))
    assert hardest > every
