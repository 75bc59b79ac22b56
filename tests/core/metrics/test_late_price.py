"""The price of late fusion on joints where it is known, and against a late model that is really fitted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special

from core.data.interactions_truth import bits
from core.metrics.information import conditional_entropy
from core.metrics.late_price import best_late, late_cross_entropy, late_price, prices
from tests.core.metrics.joints import gate, interactions


@pytest.mark.parametrize(
    ("p", "wanted"),
    [
        (gate(lambda a, b: a ^ b), 1.0),
        (gate(lambda a, b: a & b), 0.0),
        (gate(lambda a, b: a | b), 0.0),
        (gate(lambda a, b: 2 * a + b), 0.0),
        (gate(lambda a, b: a ^ b, 0.05), 0.713603),
        (interactions((0.05, 0.05, 0.05, 0.05)), bits(0.05)),
        (interactions((0.05, 0.05, 0.05, 0.5)), 0.0),
    ],
    ids=["XOR", "AND", "OR", "COPY", "noisy XOR", "interactions", "interactions without synergy"],
)
def test_known_prices(p: np.ndarray, wanted: float) -> None:
    assert late_price(p) == pytest.approx(wanted, abs=1e-5)


def test_views_that_know_nothing_of_each_other_but_the_label_add_up() -> None:
    rng = np.random.default_rng(0)
    label, first, second = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(4), 3), rng.dirichlet(np.ones(5), 3)
    assert late_price(np.einsum("c,ca,cb->abc", label, first, second)) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_is_what_the_best_sum_of_experts_loses(seed: int) -> None:
    p = np.random.default_rng(seed).dirichlet(np.full(24, 0.5)).reshape(3, 4, 2)
    inputs = p.sum(2)

    def loss(w: np.ndarray) -> float:
        logit = w[:3, None] + w[None, 3:]
        return float((p[..., 1] * -special.log_expit(logit) + p[..., 0] * -special.log_expit(-logit)).sum() / np.log(2))

    fitted = optimize.minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-9}).fun
    assert late_cross_entropy(p) == pytest.approx(fitted, abs=1e-5)
    assert late_cross_entropy(p) - late_price(p) == pytest.approx(conditional_entropy(p))
    assert inputs == pytest.approx(best_late(p).sum(2), abs=1e-8)


def test_a_batch_is_its_members() -> None:
    p = np.stack([gate(lambda a, b: a ^ b, 0.1), gate(lambda a, b: a & b)])
    assert prices(p, best_late(p)) == pytest.approx([late_price(member) for member in p], abs=1e-9)
