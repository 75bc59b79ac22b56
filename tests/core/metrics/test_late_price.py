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
def test_it_is_what_the_best_sum_of_logits_loses(seed: int) -> None:
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


def test_an_average_of_probabilities_is_no_sum_of_logits_and_can_lose_less() -> None:
    """Two parts in three the label follows x1, else x2: the weighted average of the two is the truth itself and loses
    nothing; the best sum of logits, fitted by L-BFGS without any table, loses .078 bits. So the price says nothing of it."""
    first = np.array([[1 / 3, 2 / 3, 0], [0, 0, 1]])
    second = np.array([[1, 0, 0], [0, 1, 0]])
    p = (2 / 3 * first[:, None] + 1 / 3 * second[None]) / 4  # (2, 2, 3), inputs equally often
    averaged = -(p * np.log2(np.where(p > 0, 4 * p, 1))).sum()  # its own cross-entropy

    def loss(w: np.ndarray) -> float:
        logits = w[:6].reshape(2, 1, 3) + w[6:].reshape(1, 2, 3)
        return float(-(p * special.log_softmax(logits, 2)).sum() / np.log(2))

    summed = optimize.minimize(loss, np.zeros(12), method="L-BFGS-B", options={"ftol": 1e-15, "maxiter": 10_000}).fun
    assert averaged == pytest.approx(conditional_entropy(p))
    assert late_price(p) == pytest.approx(0.077, abs=2e-3)
    assert summed - averaged == pytest.approx(late_price(p), abs=1e-3)
