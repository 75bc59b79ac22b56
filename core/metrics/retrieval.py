"""Retrieval: is the nearest item of the other modality a partner?

    rank_i = rank of the best partner of query i; ties count as their middle (mid-rank), so equal scores earn nothing
    R@k    = mean_i [rank_i <= k],  MRR = mean_i 1 / rank_i

With pairs by class any item of the class is a partner. Ties then follow the exact expectation: of the t items that tie
with the best partner, p are partners, so a random order puts the first of them (t + 1) / (p + 1) into the tie.
"""

from __future__ import annotations

import torch
from torch import Tensor


def ranks(scores: Tensor, partner: Tensor) -> Tensor:
    """scores (N, K) of queries against items, partner (N, K) bool -> (N,) rank of the best partner, 1 is first."""
    return _ranks(scores, partner, _of_partners(scores, partner).amax(1, keepdim=True), 1)


def ranks_both(scores: Tensor, partner: Tensor) -> Tensor:
    """scores, partner (N, K) -> (N + K,): rows asked for their columns, then columns for their rows."""
    found = _of_partners(scores, partner)
    return torch.cat([_ranks(scores, partner, found.amax(dim, keepdim=True), dim) for dim in (1, 0)])


def _of_partners(scores: Tensor, partner: Tensor) -> Tensor:
    return scores.masked_fill(~partner, -torch.inf)


def _ranks(scores: Tensor, partner: Tensor, best: Tensor, dim: int) -> Tensor:
    """The ranks of the scores `best` among their rivals along `dim`."""
    better = (scores > best).sum(dim, dtype=torch.int32)
    tied = (scores >= best).sum(dim, dtype=torch.int32) - better
    if bool((tied == 1).all()):  # the best partner alone, as nearly always: the rest need not be looked at
        return better + 1.0
    among = ((scores == best) & partner).sum(dim).clamp_min(1)
    return better + (tied + 1) / (among + 1)


def hits(rank: Tensor, k: int) -> Tensor:
    """Of each query, as rank: 1 where its partner is among the first k, else 0."""
    return (rank <= k).double()


def recall_at(rank: Tensor, k: int) -> float:
    """Share of queries whose partner is among the first k."""
    return float(hits(rank, k).mean())


def mrr(rank: Tensor) -> float:
    """Mean reciprocal rank."""
    return float((1 / rank.double()).mean())
