"""Equal scores, single rows, rounding and embeddings of 0: the right values, by all orders, closed forms and scikit-learn."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from torch.nn import functional as F

from core.errors import MetricError
from core.metrics.accuracy import hits, hits_of
from core.metrics.average_precision import mean_average_precision, mean_average_precision_of
from core.metrics.calibration import ece
from core.metrics.check import unit
from core.metrics.geometry import knn_purity, spread, uniformity
from core.metrics.rank import effective_rank, total_variance
from core.metrics.regression import r2, r2_of, r2_scores, varying
from core.metrics.retrieval import Ranks, mrr, ranks, recall_at
from core.metrics.similarity import linear_cka

GOOD = torch.randn(9, 4, generator=torch.Generator().manual_seed(0))


def by_all_orders(scores: list[float], partner: list[bool], k: int) -> tuple[float, float, float]:
    """R@k, reciprocal rank and rank of the first partner, averaged over every order of equal scores."""
    found = []
    for order in itertools.permutations(range(len(scores))):
        if all(scores[a] >= scores[b] for a, b in itertools.pairwise(order)):
            found.append(1 + next(place for place, item in enumerate(order) if partner[item]))
    rank = np.array(found, float)
    return float((rank <= k).mean()), float((1 / rank).mean()), float(rank.mean())


def test_ties_are_the_mean_over_all_their_orders() -> None:
    draw = torch.Generator().manual_seed(0)
    scores = torch.randint(3, (25, 6), generator=draw).float()
    partner = torch.rand(25, 6, generator=draw) < 0.35
    partner[:, 0] |= ~partner.any(1)
    for k in (1, 2, 5):
        wanted = [by_all_orders(s.tolist(), p.tolist(), k) for s, p in zip(scores, partner, strict=True)]
        found = ranks(scores, partner)
        assert found.hits(k).tolist() == pytest.approx([w[0] for w in wanted])
        assert recall_at(found, k) == pytest.approx(np.mean([w[0] for w in wanted]))
        assert mrr(found) == pytest.approx(np.mean([w[1] for w in wanted]))
        assert found.expected.tolist() == pytest.approx([w[2] for w in wanted])


def test_nan_scores_are_no_hits_and_a_query_without_a_partner_is_named() -> None:
    """All NaN gave R@1 = 1."""
    eye = torch.eye(4, dtype=torch.bool)
    with pytest.raises(MetricError, match="retrieval needs scores to be numbers"):
        ranks(torch.full((4, 4), math.nan), eye)
    with pytest.raises(MetricError, match="partners of a query"):
        ranks(torch.zeros(4, 4), eye & (torch.arange(4) > 0))
    assert recall_at(ranks(torch.full((4, 4), -math.inf), eye), 1) == pytest.approx(1 / 4)


def test_a_class_that_ties_for_the_first_place_is_half_a_hit() -> None:
    p = torch.tensor([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4], [1 / 3, 1 / 3, 1 / 3], [0.1, 0.2, 0.7]])
    assert hits(p, torch.tensor([0, 0, 2, 2])).tolist() == pytest.approx([0.5, 0, 1 / 3, 1])
    assert ece(p[:1], torch.tensor([0])) == pytest.approx(0.1)
    nowhere = torch.full((2, 3), -math.inf)
    assert hits(nowhere, torch.tensor([0, 1])).tolist() == pytest.approx([1 / 3, 1 / 3])
    assert bool(hits_of(torch.full((1, 3), math.nan), torch.tensor([0])).isnan())


def test_neighbours_that_tie_for_the_last_place_share_it() -> None:
    """Against the mean over many random orders of the same samples; scikit-learn takes whichever comes first."""
    rng = np.random.default_rng(0)
    z = F.normalize(torch.tensor(rng.integers(0, 2, (24, 3)) + 0.0) + torch.tensor([0.0, 0, 0.5]), dim=1).double()
    label = torch.arange(24) % 2
    found = []
    for _ in range(400):
        nudged = (z @ z.T) + 1e-9 * torch.tensor(rng.random((24, 24)))
        near = nudged.fill_diagonal_(-1).topk(5, dim=1).indices
        found.append(float((label[near] == label[:, None]).double().mean()))
    assert knn_purity(z, label, 5) == pytest.approx(np.mean(found), abs=4 * np.std(found) / 20)


def test_a_constant_target_has_the_r2_that_its_words_say() -> None:
    """.1 a thousand times is not quite its own mean in single precision: R2 was -2e12."""
    truth = torch.full((1000, 1), 0.1)
    assert float(r2(truth + 1, truth)) == 0 and float(r2(truth, truth)) == 1
    assert sk.r2_score(np.full(8, 2.0), np.full(8, 3.0)) == 0
    assert not varying(truth) and varying(torch.tensor([[1.0], [2.0]]))
    rounding = truth + torch.tensor([0.0, 1e-8]).repeat(500).unsqueeze(1)
    assert float(r2(truth + 1, rounding)) == 0
    assert r2_scores(truth + 1, rounding).tolist() == [0] * 1000
    moved = torch.cat([truth, torch.arange(1000.0)[:, None]], 1)
    assert float(r2_scores(moved + 1, moved).mean()) == pytest.approx(float(r2(moved + 1, moved)), abs=1e-9)
    far = 1e30 * torch.arange(5.0).unsqueeze(1)  # their squares overflow single precision
    assert float(r2(far + 1e29, far)) == pytest.approx(sk.r2_score(far.double(), far.double() + 1e29))
    assert bool(r2_of(torch.full((2, 1), math.nan), torch.ones(2, 1)).isnan())


def test_one_row_has_no_uniformity_and_no_r2() -> None:
    with pytest.raises(MetricError, match="uniformity needs z to be 2 rows or more"):
        uniformity(torch.tensor([[1.0, 0.0]]))
    with pytest.raises(MetricError, match="R2 needs truth to be 2 rows or more"):
        r2(torch.ones(1, 1), torch.ones(1, 1))


def test_an_embedding_of_zero_is_no_point_of_the_sphere() -> None:
    """All zeros had a spread of 1, the largest, and a uniformity of -4: they are one point."""
    dead = torch.zeros(6, 3)
    assert spread(dead) == 0 and uniformity(dead) == 0
    some = torch.cat([F.normalize(GOOD[:5, :3], dim=1), torch.zeros(3, 3)])
    apart = torch.cdist(some.double(), some.double()).square()
    off = torch.exp(-2 * apart)[~torch.eye(8, dtype=torch.bool)].mean().log()
    assert uniformity(some) == pytest.approx(float(off), abs=1e-6)
    assert spread(some) == pytest.approx(float(some.var(0, correction=0).sum()), abs=1e-6)
    with pytest.raises(MetricError, match="length 1"):
        uniformity(2 * F.normalize(GOOD, dim=1))


def test_unit_length_survives_any_size() -> None:
    for factor in (1e-300, 1e-20, 1.0, 1e20, 1e300):
        assert unit("it", factor * GOOD.double()).norm(dim=1).tolist() == pytest.approx([1.0] * 9)
    assert unit("it", 3e37 * GOOD).norm(dim=1).tolist() == pytest.approx([1.0] * 9)
    assert not unit("it", torch.zeros(2, 3)).any()


def test_labels_that_nobody_has_and_ties_are_scikit_learns() -> None:
    draw = torch.Generator().manual_seed(1)
    scores = torch.randint(3, (40, 3), generator=draw).float()
    labels = (torch.rand(40, 3, generator=draw) < 0.3).long()
    wanted = sk.average_precision_score(labels.numpy(), scores.numpy(), average="macro")
    assert float(mean_average_precision(scores, labels)) == pytest.approx(wanted)
    with pytest.raises(MetricError, match="labels"):
        mean_average_precision(scores, labels + 1)
    assert bool(mean_average_precision_of(torch.full((2, 1), math.nan), torch.ones(2, 1)).isnan())


def test_rounding_is_no_spread() -> None:
    """A column of .1 less its mean is 1e-18 and not 0: an effective rank of 1 was read out of it."""
    same = torch.full((7, 3), 0.1)
    assert effective_rank(same, centred=True) == total_variance(same) == 0
    assert linear_cka(same, GOOD[:7]) == 0


def test_ranks_take_no_other_shape() -> None:
    with pytest.raises(MetricError, match="partner"):
        ranks(torch.zeros(3, 3), torch.ones(3, 2, dtype=torch.bool))
    assert isinstance(ranks(torch.zeros(2, 3), torch.ones(2, 3, dtype=torch.bool)), Ranks)
