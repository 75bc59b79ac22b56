"""Deep CCA against closed-form linear CCA in double precision, and against a known correlation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.metrics.cca import cca
from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of


def correlations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Canonical correlations as cosines between subspaces: singular values of Qa' Qb (Bjorck & Golub 1973)."""
    qa, qb = (np.linalg.qr(x - x.mean(0))[0] for x in (a, b))
    return np.linalg.svd(qa.T @ qb, compute_uv=False)


def test_it_is_closed_form_cca() -> None:
    rng = np.random.RandomState(0)
    hidden = rng.normal(size=(300, 3))
    a, b = (hidden @ rng.normal(size=(3, 4)) + rng.normal(size=(300, 4)) for _ in range(2))
    z = {"a": torch.tensor(a, dtype=torch.float32), "b": torch.tensor(b, dtype=torch.float32)}
    loss = loss_of("deep_cca", Output(z=z), batch_of(torch.arange(300)), ridge=1e-3)
    assert float(-loss) == pytest.approx(correlations(a, b).sum(), rel=5e-3)


def test_it_finds_what_the_linear_metric_finds() -> None:
    """Two ways through other matrices: Cholesky here, eigenvectors there, the same ridge."""
    draw = torch.Generator().manual_seed(0)
    a = torch.randn(300, 4, generator=draw)
    b = a @ torch.randn(4, 4, generator=draw) + torch.randn(300, 4, generator=draw)
    loss = loss_of("deep_cca", Output(z={"a": a, "b": b}), batch_of(torch.arange(300)), ridge=0.1)
    assert float(-loss) == pytest.approx(float(cca(a, b, ridge=0.1).correlations.sum()), rel=1e-4)


def test_a_correlation_of_one_half() -> None:
    rng = np.random.RandomState(0)
    x, y = np.linalg.qr(rng.normal(size=(400, 3)) - 0.0)[0].T[:2]
    x, y = x - x.mean(), y - y.mean()
    y -= x * (x @ y) / (x @ x)
    y *= np.linalg.norm(x) / np.linalg.norm(y)
    mixed = 0.5 * x + np.sqrt(0.75) * y  # correlates with x by exactly .5
    z = {name: torch.tensor(v[:, None], dtype=torch.float32) for name, v in (("a", x), ("b", mixed))}
    loss = loss_of("deep_cca", Output(z=z), batch_of(torch.arange(400)), ridge=1e-3)
    assert float(-loss) == pytest.approx(0.5 / 1.001, abs=1e-4)  # the ridge shrinks each side by sqrt(1.001)


def test_an_invertible_map_of_one_side_changes_nothing() -> None:
    draw = torch.Generator().manual_seed(0)
    a, b = torch.randn(200, 3, generator=draw), torch.randn(200, 3, generator=draw)
    b = b + a
    turn = torch.linalg.qr(torch.randn(3, 3, generator=draw)).Q
    batch = batch_of(torch.arange(200))
    one = loss_of("deep_cca", Output(z={"a": a, "b": b}), batch)
    two = loss_of("deep_cca", Output(z={"a": a @ turn * 7 + 2, "b": b}), batch)
    assert float(one) == pytest.approx(float(two), abs=1e-4)


def test_its_slope_is_right_even_where_correlations_are_equal() -> None:
    """Three equal correlations: formulas that divide by their differences give NaN here."""
    frame = torch.linalg.qr(torch.randn(60, 6, generator=torch.Generator().manual_seed(0), dtype=torch.double)).Q
    frame = frame - frame.mean(0)
    frame = torch.linalg.qr(frame).Q
    a = frame[:, :3].clone().requires_grad_()
    b = 0.6 * frame[:, :3] + 0.8 * frame[:, 3:]
    batch = batch_of(torch.arange(60))
    (slope,) = torch.autograd.grad(loss_of("deep_cca", Output(z={"a": a, "b": b}), batch), [a])
    assert slope.isfinite().all()
    away = torch.randn(60, 3, generator=torch.Generator().manual_seed(1), dtype=torch.double)
    ends = [float(loss_of("deep_cca", Output(z={"a": a.detach() + s * 1e-6 * away, "b": b}), batch)) for s in (1, -1)]
    assert float((slope * away).sum()) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-3)
