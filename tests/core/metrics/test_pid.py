"""The decomposition on joints whose parts are known."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from core.errors import MetricError
from core.metrics.information import mutual_information
from core.metrics.pid import decompose
from tests.core.metrics.joints import closed_form, gate, interactions, rdn_xor

RDN = np.zeros((2, 2, 2))
RDN[0, 0, 0] = RDN[1, 1, 1] = 0.5
INDEPENDENT_VIEWS = np.einsum("y,ay,by->aby", [0.5, 0.5], *[np.array([[0.8, 0.2], [0.2, 0.8]])] * 2)


@pytest.mark.parametrize(
    ("p", "wanted"),
    [
        (RDN, (1, 0, 0, 0)),
        (gate(lambda a, b: a ^ b), (0, 0, 0, 1)),
        (gate(lambda a, b: a & b), (0.311278, 0, 0, 0.5)),
        (gate(lambda a, b: 2 * a + b), (0, 1, 1, 0)),
        (rdn_xor(), (1, 0, 0, 1)),
        (gate(lambda a, b: a), (0, 1, 0, 0)),
        (INDEPENDENT_VIEWS, (0.278072, 0, 0, 0.182)),
    ],
    ids=["RDN", "XOR", "AND", "COPY", "RDNXOR", "X1", "two independent views"],
)
def test_known_parts(p: np.ndarray, wanted: tuple[float, ...]) -> None:
    found = decompose(p)
    tolerance = 1e-4 if wanted[3] != 0.182 else 5e-4  # the last figure is known to three digits
    assert astuple(found)[:4] == pytest.approx(wanted, abs=tolerance)
    assert found.error < 1e-4


@pytest.mark.parametrize("flips", [(0.05, 0.05, 0.05, 0.05), (0.0, 0.1, 0.2, 0.3), (0.5, 0.05, 0.5, 0.02)])
def test_interactions_has_its_closed_form(flips: tuple[float, float, float, float]) -> None:
    assert astuple(decompose(interactions(flips)))[:4] == pytest.approx(closed_form(flips), abs=1e-4)


def test_parts_add_up_and_respect_the_marginals() -> None:
    p = np.random.default_rng(0).dirichlet(np.full(60, 0.4)).reshape(4, 5, 3)
    found = decompose(p, error=1e-6)
    assert sum(astuple(found)[:4]) == pytest.approx(mutual_information(p.reshape(20, 3)), abs=1e-9)
    assert found.redundancy + found.unique1 == pytest.approx(mutual_information(p.sum(1)), abs=1e-9)
    assert found.redundancy + found.unique2 == pytest.approx(mutual_information(p.sum(0)), abs=1e-9)
    turned = decompose(p.transpose(1, 0, 2), error=1e-6)
    assert (turned.unique2, turned.synergy) == pytest.approx((found.unique1, found.synergy), abs=1e-5)


def test_the_minimum_is_one() -> None:
    """No table with the same marginals, of many drawn, tells less of the label."""
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.ones(8)).reshape(2, 2, 2)
    found = decompose(p, error=1e-7)
    union = found.redundancy + found.unique1 + found.unique2
    swap = np.array([[1, -1], [-1, 1]])  # keeps (x1, y) and (x2, y)
    for shift in rng.uniform(-0.2, 0.2, size=(2000, 2)):
        q = p + np.stack([shift[0] * swap, shift[1] * swap], 2)
        if (q >= 0).all():
            assert mutual_information(q.reshape(4, 2)) >= union - 1e-6


def test_no_joint_is_an_error() -> None:
    for wrong in (np.ones((2, 2, 2)), np.ones((2, 2)) / 4, -gate(lambda a, b: a), np.full((2, 2, 2), np.nan)):
        with pytest.raises(MetricError, match="joint distribution"):
            decompose(wrong)
