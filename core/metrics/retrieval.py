"""Retrieval: is the nearest item of the other modality a partner?

    g_i    items that score higher than the best partner of query i
    t_i    items that score the same, itself included;  p_i of them are partners
    R@k  = mean_i P(rank_i <= k),   MRR = mean_i E[1 / rank_i]      over all orders of equal scores
    rank   g + (t + 1) / (p + 1) in the mean

A random order puts the first of p partners behind the first j places of the tie with (t - p) ... (t - p - j + 1) /
t ... (t - j + 1); with one partner P(rank <= k) is (k - g) / t, between 0 and 1. So where all scores are equal a search finds
what a blind guess finds, no more and no less. With pairs by class any item of the class is a partner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.check import scores as ordered
from core.metrics.check import within

NAME = "retrieval"


@dataclass(frozen=True)
class Ranks:
    """Where the best partner of each of Q queries lies: `above` items before its tie of `tied`, `partners` of them partners."""

    above: Tensor  # (Q,) int
    tied: Tensor  # (Q,) int, 1 or more
    partners: Tensor  # (Q,) int, 1 or more

    @property
    def expected(self) -> Tensor:
        """(Q,) the mean rank over all orders of equal scores, 1 is first."""
        return self.above + (self.tied + 1) / (self.partners + 1)

    def hits(self, k: int) -> Tensor:
        """(Q,) double: the probability that a partner is among the first k."""
        inside = self.above < k
        if bool((self.tied == self.partners).all()):  # as nearly always: nothing else ties with a partner
            return inside.double()
        places = (k - self.above).clamp_min(0)
        found = torch.zeros(len(places), dtype=torch.double, device=places.device)
        for place, share in zip(range(k), self._first(), strict=False):
            found += share * (place < places)
        return found

    def _first(self) -> Iterator[Tensor]:
        """(Q,) the probability that the first partner is at this place of the tie, place after place."""
        left = torch.ones(len(self.tied), dtype=torch.double, device=self.tied.device)
        negatives = self.tied - self.partners
        for place in range(int(negatives.max()) + 1):
            rest = (self.tied - place).clamp_min(1)
            yield left * (self.partners / rest) * (place <= negatives)
            left = left * ((negatives - place).clamp_min(0) / rest)


def ranks(scores: Tensor, partner: Tensor) -> Ranks:
    """scores (N, K) of queries against items, partner (N, K) bool: one partner or more a query."""
    return _ranks(scores, partner, _best(scores, partner, (1,))[0], 1)


def ranks_both(scores: Tensor, partner: Tensor) -> Ranks:
    """scores, partner (N, K) -> of N + K queries: rows asked for their columns, then columns for their rows."""
    one, two = (
        _ranks(scores, partner, best, dim) for best, dim in zip(_best(scores, partner, (1, 0)), (1, 0), strict=True)
    )
    return Ranks(*(torch.cat([getattr(side, name) for side in (one, two)]) for name in ("above", "tied", "partners")))


def _best(scores: Tensor, partner: Tensor, dims: tuple[int, ...]) -> list[Tensor]:
    """Along each of `dims` the score of each query's best partner."""
    ordered(NAME, scores=scores)
    if partner.shape != scores.shape or partner.dtype != torch.bool:
        expected = f"{tuple(scores.shape)} of true and false"
        raise MetricError(
            "metric_shape",
            metric=NAME,
            name="partner",
            expected=expected,
            actual=f"{tuple(partner.shape)} of {partner.dtype}",
        )
    of_partners = scores.masked_fill(~partner, -torch.inf)
    found = [of_partners.amax(dim, keepdim=True) for dim in dims]
    for best, dim in zip(found, dims, strict=True):
        if float(best.min()) == -torch.inf and not bool(partner.any(dim).all()):
            raise MetricError(
                "metric_values", metric=NAME, name="partners of a query", expected="one or more", actual=0
            )
    return found


def _ranks(scores: Tensor, partner: Tensor, best: Tensor, dim: int) -> Ranks:
    """Of the queries whose rivals lie along `dim` and whose best partners score `best`."""
    above = (scores > best).sum(dim, dtype=torch.int32)
    tied = (scores >= best).sum(dim, dtype=torch.int32) - above
    if bool((tied == 1).all()):  # the best partner alone, as nearly always: the rest need not be looked at
        return Ranks(above, tied, tied)
    return Ranks(above, tied, ((scores == best) & partner).sum(dim, dtype=torch.int32))


def recall_at(rank: Ranks, k: int) -> float:
    """Share of queries whose partner is among the first k."""
    within(NAME, "k", k, 1, torch.inf)
    return float(rank.hits(k).mean())


def mrr(rank: Ranks) -> float:
    """Mean reciprocal rank."""
    if bool((rank.tied == rank.partners).all()):
        return float((1 / (rank.above.double() + 1)).mean())
    each = sum(share / (rank.above + place + 1) for place, share in enumerate(rank._first()))
    assert isinstance(each, Tensor)
    return float(each.mean())
