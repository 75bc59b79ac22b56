"""Scores of predictions against hand calculations and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from torch import nn

from core.errors import MetricError
from core.metrics.calibration import brier, ece, nll, reliability
from core.metrics.cost import cost, seconds_left
from core.metrics.robustness import effective_robustness, robustness

DRAW = torch.Generator().manual_seed(0)
P = torch.randn(300, 4, generator=DRAW, dtype=torch.double).softmax(1)
Y = torch.randint(4, (300,), generator=DRAW)


def test_confident_by_point_two_too_much() -> None:
    p = torch.tensor([[0.8, 0.2]]).repeat(10, 1)
    y = torch.tensor([0] * 6 + [1] * 4)
    assert ece(p, y) == pytest.approx(0.2)
    assert brier(p, y) == pytest.approx(0.6 * 0.08 + 0.4 * 1.28)
    ranked = reliability(p, y)
    assert ranked.share.sum() == 1 and float(ranked.accuracy.nansum()) == pytest.approx(0.6)


def test_ece_by_a_loop() -> None:
    confidence, right = P.max(1).values.numpy(), (P.argmax(1) == Y).numpy()
    wanted = 0.0
    for low in np.arange(15) / 15:
        here = (confidence > low) & (confidence <= low + 1 / 15)
        if here.any():
            wanted += here.mean() * abs(right[here].mean() - confidence[here].mean())
    assert ece(P, Y) == pytest.approx(wanted, abs=1e-12)


def test_proper_scores_are_scikit_learns() -> None:
    assert nll(P, Y) == pytest.approx(sk.log_loss(Y, P), abs=1e-9)
    assert brier(P, Y) == pytest.approx(sk.brier_score_loss(Y, P, scale_by_half=False), abs=1e-9)
    assert math.isfinite(nll(torch.tensor([[1.0, 0.0]]), torch.tensor([1])))


def test_what_is_no_probability_is_named() -> None:
    with pytest.raises(MetricError, match="sums of probabilities"):
        ece(torch.ones(3, 2), torch.zeros(3, dtype=torch.long))
    with pytest.raises(MetricError, match="target"):
        nll(P, torch.full((300,), 4))


def test_area_under_severity() -> None:
    curve = (0.9, 0.8, 0.7, 0.6, 0.5)
    assert robustness((0, 0.25, 0.5, 0.75, 1), curve) == pytest.approx(0.7)
    assert robustness((0, 1, 2, 3, 4), curve) == pytest.approx(0.7)
    bent, few = (0.9, 0.9, 0.3), (0.0, 0.5, 1.0)
    many = np.linspace(0, 1, 21)
    assert robustness(few, bent) == pytest.approx(robustness(many, np.interp(many, few, bent)))
    assert robustness((1, 0, 0.5), (0.3, 0.9, 0.9)) == pytest.approx(robustness(few, bent))


def test_effective_robustness_takes_the_better_start_off() -> None:
    s, late = (0, 0.5, 1), (0.8, 0.7, 0.4)
    assert effective_robustness(s, late, late) == 0
    assert effective_robustness(s, [a + 0.1 for a in late], late) == pytest.approx(0)
    assert effective_robustness(s, (0.8, 0.8, 0.8), late) == pytest.approx(0.8 - robustness(s, late))
    with pytest.raises(MetricError, match="two or more"):
        robustness((0.0,), (0.9,))


def test_cost_of_two_layers_by_hand() -> None:
    model = nn.Sequential(nn.Linear(10, 20), nn.Tanh(), nn.Linear(20, 3))
    x = torch.randn(8, 10)
    found = cost(model, lambda: model(x))
    assert found.flops == 2 * 8 * (10 * 20 + 20 * 3)
    assert found.parameters == 10 * 20 + 20 + 20 * 3 + 3 and found.parameter_bytes == 4 * found.parameters
    assert found.activation_bytes == 4 * 8 * (10 + 20)  # the input and tanh's output, which the next layer keeps too


def test_seconds_left() -> None:
    assert seconds_left([5.0, 0.1, 0.2, 0.1], 100) == pytest.approx(10)
    assert seconds_left([2.0], 3) == 6
    with pytest.raises(MetricError):
        seconds_left([], 3)
