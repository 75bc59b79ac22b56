"""The embedding's metrics for a validation pass: a handful of matrix products, a few milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import torch
from torch import Tensor

from core.metrics.check import unit as unit_vectors
from core.metrics.geometry import alignment, knn_purity, modality_gap, spread, uniformity
from core.metrics.retrieval import ranks_both, recall_at

NAME = "the embedding"
LARGEST = 400  # samples: the figures cost their square


def embedding_metrics(
    z: Mapping[str, Tensor], pair: Tensor, present: Mapping[str, Tensor], within: bool = True
) -> dict[str, float]:
    """z: modality -> (N, D), pair (N,), present: modality -> (N,) bool. {} with fewer than two samples of a modality.

    Figures between modalities are means over their pairs, in both directions; spread, uniformity and purity are means
    over modalities, the last two made only with `within`: they cost as much as all the rest. Samples that lack a
    modality are left out.
    """
    unit, label = {}, {}
    for name, value in z.items():
        mask = present[name][:LARGEST]
        kept = value[:LARGEST][mask].float()
        unit[name] = unit_vectors(NAME, kept) if len(kept) else kept
        label[name] = pair[:LARGEST][mask]
    if any(len(value) < 2 for value in unit.values()):
        return {}
    found = [{"spread": spread(value)} for value in unit.values()]
    found += [_within(unit[name], label[name]) for name in unit] if within else []
    found += [_between(z, pair, present, a, b) for a, b in combinations(z, 2)]
    names = {name for figures in found for name in figures}
    return {name: _mean([f[name] for f in found if name in f]) for name in sorted(names)}


def compared(present: Mapping[str, Tensor], a: str, b: str) -> Tensor:
    """(N,) bool: the samples whose figures between two modalities are made; the first LARGEST, where they have both."""
    both = present[a] & present[b]
    return both & (torch.arange(len(both), device=both.device) < LARGEST)


def blind_recall(pair: Tensor, present: Mapping[str, Tensor]) -> float | None:
    """R@1 of a search that sees nothing, over the samples that it is made on; None where two modalities never meet."""
    shares = []
    for a, b in combinations(present, 2):
        partner = pair[compared(present, a, b)]
        if len(partner) > 1:
            shares.append(float((partner.unsqueeze(1) == partner).double().mean()))
    return _mean(shares) if shares else None


def _within(unit: Tensor, label: Tensor) -> dict[str, float]:
    return {"uniformity": uniformity(unit), "knn_purity": knn_purity(unit, label)}


def _between(z: Mapping[str, Tensor], pair: Tensor, present: Mapping[str, Tensor], a: str, b: str) -> dict[str, float]:
    both = (present[a] & present[b])[:LARGEST]
    if int(both.sum()) < 2:
        return {}
    x, y = (unit_vectors(NAME, z[name][:LARGEST][both].float()) for name in (a, b))
    partner = pair[:LARGEST][both]
    matching = partner.unsqueeze(1) == partner
    rank = ranks_both(x @ y.T, matching)
    return {
        "recall@1": recall_at(rank, 1),
        "recall@5": recall_at(rank, 5),
        "modality_gap": modality_gap(x, y),
        "alignment": alignment(x, y),
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
