"""Every metric against a closed form or an independent implementation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors
from torch.nn import functional as F

from core.metrics.accuracy import accuracies
from core.metrics.embedding import embedding_metrics
from core.metrics.geometry import alignment, knn_purity, modality_gap, uniformity
from core.metrics.probes import knn_probe, linear_probe
from core.metrics.retrieval import mrr, ranks, recall_at
from core.objectives import build_objective
from core.output import Batch, Output
from core.projection.quality import quality


def test_ranks_1_2_2() -> None:
    scores = torch.tensor([[9.0, 1, 0], [5, 4, 1], [7, 1, 6]])
    rank = ranks(scores, torch.eye(3, dtype=torch.bool))
    assert rank.tolist() == [1, 2, 2]
    assert recall_at(rank, 1) == pytest.approx(1 / 3) and mrr(rank) == pytest.approx(2 / 3)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_equal_scores_earn_nothing(n: int) -> None:
    rank = ranks(torch.zeros(n, n), torch.eye(n, dtype=torch.bool))
    assert recall_at(rank, 1) <= 1 / n
    assert float(rank[0]) == (n + 1) / 2


def test_equal_scores_by_class_earn_nothing() -> None:
    label = torch.arange(50) % 10
    assert recall_at(ranks(torch.zeros(50, 50), label[:, None] == label), 1) == 0


def test_any_partner_of_the_class_counts() -> None:
    scores = torch.tensor([[1.0, 9.0, 0.0]])
    assert ranks(scores, torch.tensor([[True, True, False]])).tolist() == [1]


def test_gap() -> None:
    a = torch.tensor([[1.0, 0.0]]).repeat(4, 1)
    assert modality_gap(a, torch.tensor([[0.0, 1.0]]).repeat(4, 1)) == pytest.approx(math.sqrt(2))
    assert modality_gap(a, -a) == pytest.approx(2)


def test_alignment() -> None:
    a, b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    assert alignment(a, b) == pytest.approx(2) and alignment(a, a) == 0


def test_uniformity_of_known_shapes() -> None:
    assert uniformity(torch.tensor([[1.0, 0.0]]).repeat(5, 1)) == pytest.approx(0, abs=1e-6)
    assert uniformity(torch.tensor([[1.0, 0.0], [-1.0, 0.0]])) == pytest.approx(-8, abs=1e-5)
    angle = torch.arange(3) * 2 * math.pi / 3
    assert uniformity(torch.stack([angle.cos(), angle.sin()], 1)) == pytest.approx(-6, abs=1e-5)
    angle = torch.arange(4000) * 2 * math.pi / 4000
    assert uniformity(torch.stack([angle.cos(), angle.sin()], 1).double()) == pytest.approx(-1.5750, abs=2e-3)


def test_purity_is_scikit_learns() -> None:
    draw = torch.Generator().manual_seed(0)
    z = F.normalize(torch.randn(200, 8, generator=draw), dim=1)
    label = torch.randint(4, (200,), generator=draw)
    near = NearestNeighbors(n_neighbors=16).fit(z.numpy()).kneighbors(z.numpy())[1][:, 1:]
    wanted = (label.numpy()[near] == label.numpy()[:, None]).mean()
    assert knn_purity(z, label) == pytest.approx(wanted, abs=1e-6)


def test_trust_and_continuity_are_scikit_learns() -> None:
    rng = np.random.RandomState(0)
    x, xy = rng.normal(size=(300, 6)).astype(np.float32), rng.normal(size=(300, 2)).astype(np.float32)
    trust, continuity = quality(x, xy)
    assert trust == pytest.approx(trustworthiness(x, xy, n_neighbors=15), abs=1e-6)
    assert continuity == pytest.approx(trustworthiness(xy, x, n_neighbors=15), abs=1e-6)


def test_accuracy_of_parts_sums_the_classes() -> None:
    p = torch.tensor([[0.1, 0.35, 0.15, 0.4]])  # bits 00 01 10 11: the high bit is 1 with .55, the low one with .75
    high = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    found = accuracies(p.log(), torch.tensor([1]), {"high": high})
    assert found == {"accuracy": 0.0, "accuracy/high": 0.0}
    assert accuracies(p.log(), torch.tensor([2]), {"high": high})["accuracy/high"] == 1.0


def test_absent_samples_do_not_count() -> None:
    draw = torch.Generator().manual_seed(0)
    z = {"a": torch.randn(40, 4, generator=draw), "b": torch.randn(40, 4, generator=draw)}
    pair = torch.arange(40) % 4
    here = {"a": torch.arange(40) < 30, "b": torch.ones(40, dtype=torch.bool)}
    spoilt = {**z, "a": torch.where(here["a"][:, None], z["a"], torch.full((), 99.0))}
    assert embedding_metrics(z, pair, here) == embedding_metrics(spoilt, pair, here)
    assert embedding_metrics(z, pair, {**here, "b": torch.zeros(40, dtype=torch.bool)}) == {}


def test_probes_read_what_is_linear() -> None:
    draw = torch.Generator().manual_seed(0)
    target = torch.arange(300) % 3
    z = F.one_hot(target, 3).float() + 0.1 * torch.randn(300, 3, generator=draw)
    assert linear_probe(z[:200], target[:200], z[200:], target[200:]) == 1
    assert knn_probe(z[:200], target[:200], z[200:], target[200:]) == 1


def batch(pair: torch.Tensor) -> Batch:
    here = torch.ones(len(pair), dtype=torch.bool)
    return Batch({}, {"a": here, "b": here}, pair, pair, torch.arange(len(pair)))


def test_infonce_of_equal_scores_is_ln_b() -> None:
    z = torch.ones(8, 4)
    loss = build_objective("infonce", {})(Output(z={"a": z, "b": z}), batch(torch.arange(8)))["infonce"]
    assert float(loss.detach()) == pytest.approx(math.log(8), abs=1e-5)


def test_infonce_is_torchs_cross_entropy() -> None:
    draw = torch.Generator().manual_seed(0)
    a, b = torch.randn(8, 4, generator=draw), torch.randn(8, 4, generator=draw)
    scores = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / 0.1
    wanted = (F.cross_entropy(scores, torch.arange(8)) + F.cross_entropy(scores.T, torch.arange(8))) / 2
    loss = build_objective("infonce", {})(Output(z={"a": a, "b": b}), batch(torch.arange(8)))["infonce"]
    assert float(loss.detach()) == pytest.approx(float(wanted), abs=1e-5)


def test_classification_is_torchs() -> None:
    draw = torch.Generator().manual_seed(0)
    logits, target = torch.randn(8, 5, generator=draw), torch.randint(5, (8,), generator=draw)
    loss = build_objective("classification", {})(Output(prediction=logits), batch(target))["classification"]
    assert float(loss) == pytest.approx(float(F.cross_entropy(logits, target)))
