"""Similarity, rank, silhouette and CCA against closed forms and scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from sklearn.cross_decomposition import CCA as SklearnCCA
from sklearn.metrics import silhouette_score
from torch.nn import functional as F

from core.errors import MetricError
from core.metrics.cca import cca
from core.metrics.rank import effective_rank, total_variance
from core.metrics.retrieval import ranks, recall_at
from core.metrics.silhouette import silhouette
from core.metrics.similarity import linear_cka

DRAW = torch.Generator().manual_seed(0)
X = torch.randn(100, 5, generator=DRAW, dtype=torch.double)


def test_cka() -> None:
    turn = torch.linalg.qr(torch.randn(5, 5, generator=DRAW, dtype=torch.double)).Q
    assert linear_cka(X, X) == pytest.approx(1)
    assert linear_cka(X, 3 * X @ turn + 7) == pytest.approx(1)
    assert linear_cka(X[:, :1], X[:, 1:2]) == pytest.approx(np.corrcoef(X[:, 0], X[:, 1])[0, 1] ** 2)
    assert linear_cka(X, X @ torch.diag(torch.tensor([9.0, 1, 1, 1, 1]).double())) < 0.9
    assert linear_cka(X, torch.ones(100, 2)) == 0
    with pytest.raises(MetricError, match="CKA needs y"):
        linear_cka(X, X[:50])


def test_effective_rank() -> None:
    assert effective_rank(torch.eye(7)) == pytest.approx(7)
    assert effective_rank(torch.diag(torch.tensor([3.0, 1.0]))) == pytest.approx(1.754765, abs=1e-6)
    assert effective_rank(1e-6 * X) == pytest.approx(effective_rank(X))  # blind to collapse
    assert total_variance(1e-6 * X) == pytest.approx(1e-12 * total_variance(X))
    assert total_variance(X) == pytest.approx(X.numpy().var(0).sum())
    assert effective_rank(torch.ones(4, 3)) == pytest.approx(1) and effective_rank(torch.ones(4, 3), centred=True) == 0


def test_silhouette_is_scikit_learns() -> None:
    label = torch.arange(100) % 4
    z = X + F.one_hot(label, 5)
    assert silhouette(z, label) == pytest.approx(silhouette_score(z, label), abs=1e-9)
    label[0] = 9  # a class of one
    assert silhouette(z, label) == pytest.approx(silhouette_score(z, label), abs=1e-9)
    with pytest.raises(MetricError, match="classes"):  # as scikit-learn's ValueError
        silhouette(z, torch.zeros(100, dtype=torch.long))


def test_cca_finds_the_correlation_that_was_put_in() -> None:
    columns = torch.randn(200, 4, generator=DRAW, dtype=torch.double)
    q = torch.linalg.qr(columns - columns.mean(0)).Q  # uncorrelated exactly
    x, y = q[:, :2], torch.stack([0.5 * q[:, 0] + 0.75**0.5 * q[:, 2], q[:, 3]], 1)
    mix = torch.tensor([[2.0, 1], [-1, 3]]).double()
    assert cca(x @ mix, 4 * y + 1, ridge=0).correlations.tolist() == pytest.approx([0.5, 0], abs=1e-6)


def test_cca_is_scikit_learns() -> None:
    y = X @ torch.randn(5, 3, generator=DRAW, dtype=torch.double) + torch.randn(100, 3, generator=DRAW)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        a, b = SklearnCCA(3, max_iter=5000, tol=1e-12).fit_transform(X.numpy(), y.numpy())
    wanted = [np.corrcoef(a[:, k], b[:, k])[0, 1] for k in range(3)]
    found = cca(X, y, ridge=0)
    assert found.correlations.tolist() == pytest.approx(wanted, abs=1e-5)
    mine, theirs = found.project_x(X), found.project_y(y)
    assert (mine.T @ theirs / 100).diagonal().tolist() == pytest.approx(wanted, abs=1e-5)
    assert (mine.T @ mine / 100).numpy() == pytest.approx(np.eye(3), abs=1e-9)


def test_cca_retrieves_partners_it_has_not_seen() -> None:
    shared = torch.randn(600, 6, generator=DRAW)
    x = shared @ torch.randn(6, 12, generator=DRAW) + 0.1 * torch.randn(600, 12, generator=DRAW)
    y = shared @ torch.randn(6, 9, generator=DRAW) + 0.1 * torch.randn(600, 9, generator=DRAW)
    fitted = cca(x[:400], y[:400], components=6)
    scores = F.normalize(fitted.project_x(x[400:])) @ F.normalize(fitted.project_y(y[400:])).T
    assert recall_at(ranks(scores, torch.eye(200, dtype=torch.bool)), 1) > 0.9
    with pytest.raises(MetricError, match="different samples"):
        cca(torch.ones(5, 2), x[:5])
