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
from core.metrics.geometry import alignment, knn_purity, modality_gap, spread, uniformity
from core.metrics.probes import knn_probe, linear_probe
from core.metrics.retrieval import mrr, ranks, ranks_both, recall_at
from core.projection.quality import quality


@pytest.mark.parametrize("digits", [8, 1])
def test_both_directions_are_the_two_alone(digits: int) -> None:
    """With one digit there are ties, with eight there is none."""
    generator = torch.Generator().manual_seed(digits)
    scores = torch.rand(30, 20, generator=generator).mul(10**digits).round()
    partner = torch.rand(30, 20, generator=generator) < 0.2
    partner[:, 0] = partner[0] = True
    both = [
        torch.cat(side)
        for side in zip(
            *(vars(ranks(*each)).values() for each in ((scores, partner), (scores.T, partner.T))), strict=True
        )
    ]
    found = ranks_both(scores, partner)
    assert all(map(torch.equal, vars(found).values(), both))
    assert bool((found.expected % 1 != 0).any()) == (digits == 1)


def test_ranks_1_2_2() -> None:
    scores = torch.tensor([[9.0, 1, 0], [5, 4, 1], [7, 1, 6]])
    rank = ranks(scores, torch.eye(3, dtype=torch.bool))
    assert rank.expected.tolist() == [1, 2, 2]
    assert recall_at(rank, 1) == pytest.approx(1 / 3) and mrr(rank) == pytest.approx(2 / 3)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_equal_scores_earn_what_a_blind_guess_earns(n: int) -> None:
    rank = ranks(torch.zeros(n, n), torch.eye(n, dtype=torch.bool))
    assert recall_at(rank, 1) == pytest.approx(1 / n) and recall_at(rank, 2) == pytest.approx(2 / n)
    assert float(rank.expected[0]) == (n + 1) / 2


def test_equal_scores_by_class_earn_the_share_of_the_class() -> None:
    label = torch.arange(50) % 10
    assert recall_at(ranks(torch.zeros(50, 50), label[:, None] == label), 1) == pytest.approx(0.1)


def test_any_partner_of_the_class_counts() -> None:
    scores = torch.tensor([[1.0, 9.0, 0.0]])
    assert ranks(scores, torch.tensor([[True, True, False]])).expected.tolist() == [1]


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


def test_spread_of_known_shapes() -> None:
    """0 where all is one point, 1 where the centre is empty; effective rank would call both of the same rank."""
    assert spread(torch.tensor([[0.6, 0.8]]).repeat(5, 1)) == pytest.approx(0, abs=1e-6)
    assert spread(torch.tensor([[1.0, 0.0], [-1.0, 0.0]])) == pytest.approx(1)
    assert spread(torch.eye(4)) == pytest.approx(3 / 4)
    z = F.normalize(torch.randn(200, 8, generator=torch.Generator().manual_seed(0)), dim=1)
    assert spread(z) == pytest.approx(float(z.numpy().var(0).sum()), abs=1e-5)


def test_spread_is_the_mean_over_modalities() -> None:
    one_point, apart = torch.tensor([[1.0, 0.0]]).repeat(4, 1), torch.tensor([[1.0, 0.0], [-1.0, 0.0]]).repeat(2, 1)
    here = {name: torch.ones(4, dtype=torch.bool) for name in ("a", "b")}
    found = embedding_metrics({"a": one_point, "b": apart}, torch.arange(4), here, within=False)
    assert found["spread"] == pytest.approx(0.5)


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
