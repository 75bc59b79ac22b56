"""Every metric as a function of one input (N, D), so that a test can try them all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.accuracy import accuracies, hits, hits_of
from core.metrics.average_precision import mean_average_precision, mean_average_precision_of
from core.metrics.calibration import brier, ece, nll, reliability
from core.metrics.cca import cca
from core.metrics.cost import seconds_left
from core.metrics.discrimination import discrimination_accuracy
from core.metrics.emap import emap, emap_dealt, emap_drop
from core.metrics.embedding import blind_recall, compared, embedding_metrics
from core.metrics.geometry import alignment, knn_purity, modality_gap, spread, uniformity
from core.metrics.gradient_share import gradient_share, mean_gradient_share
from core.metrics.information import conditional_entropy, divergence, entropy, joint, mutual_information
from core.metrics.jackknife import jackknife
from core.metrics.late_price import best_late, late_cross_entropy, late_price, prices
from core.metrics.perceptual import perceptual_score
from core.metrics.pid import decompose
from core.metrics.probes import knn_probe, linear_probe
from core.metrics.rank import effective_rank, total_variance
from core.metrics.regression import mae, r2, r2_of, r2_scores, varying
from core.metrics.retrieval import mrr, ranks, ranks_both, recall_at
from core.metrics.robustness import effective_robustness, robustness
from core.metrics.shapley import shapley
from core.metrics.silhouette import silhouette
from core.metrics.similarity import linear_cka


def classes(x: Tensor) -> Tensor:
    return torch.arange(len(x)) % 3


def partner_of(x: Tensor) -> Tensor:
    return torch.arange(x.shape[0])[:, None] % 3 == torch.arange(x.shape[1]) % 3


def directions(x: Tensor) -> Tensor:
    """Unit rows where rows have a direction; what is no number stays none."""
    return x if not x.numel() else x / x.double().norm(dim=1, keepdim=True).clamp_min(1e-300).to(x.dtype)


def table(x: Tensor) -> np.ndarray:
    """(A, B, C) of the magnitudes of x, summing to 1 where they can."""
    p = x.double().abs().numpy()
    whole = np.stack([p, p[:, ::-1]], 2) if p.size else p[..., None]
    with np.errstate(all="ignore"):
        return whole / whole.sum()


def square(x: Tensor) -> Tensor:
    """All pairs of rows (N, N, C)."""
    return x[:, None] * x[None]


def norms(x: Tensor) -> dict[str, float]:
    return {"gradient/a": float(x.double().norm()), "gradient/b": float((2 * x.double()).norm())}


def both(x: Tensor) -> dict[str, Tensor]:
    return {"a": x, "b": x.flip(1)}


def here(x: Tensor) -> dict[str, Tensor]:
    return {name: torch.ones(len(x), dtype=torch.bool) for name in ("a", "b")}


# One line a metric: of x (N, D) to the number or numbers that it returns.
NUMBERS: dict[str, Callable[[Tensor], object]] = {
    "total_variance": total_variance,
    "effective_rank": effective_rank,
    "linear_cka": lambda x: linear_cka(x, x.flip(1)[:, :2]),
    "silhouette": lambda x: silhouette(x, classes(x)),
    "cca": lambda x: cca(x, x[:, :2]).correlations.tolist(),
    "linear_probe": lambda x: linear_probe(x, classes(x), x, classes(x)),
    "knn_probe": lambda x: knn_probe(x, classes(x), x, classes(x), 4),
    "discrimination_accuracy": lambda x: discrimination_accuracy(both(x), x.roll(1, 0), "a"),
    "modality_gap": lambda x: modality_gap(directions(x), directions(x.flip(1))),
    "alignment": lambda x: alignment(directions(x), directions(x.flip(1))),
    "uniformity": lambda x: uniformity(directions(x)),
    "spread": lambda x: spread(directions(x)),
    "knn_purity": lambda x: knn_purity(directions(x), classes(x), 4),
    "embedding_metrics": lambda x: list(embedding_metrics(both(x), classes(x), here(x)).values()),
    "mae": lambda x: float(mae(x, x.flip(0))),
    "r2": lambda x: float(r2(x, x.flip(0))),
    "compared": lambda x: compared(here(x), "a", "b").tolist(),
    "blind_recall": lambda x: [] if (found := blind_recall(classes(x), here(x))) is None else found,  # of one row
    "jackknife": lambda x: [] if (found := jackknife(mae, x, x.flip(0))) is None else found.tolist(),  # None of one
    "gradient_share": lambda x: list(gradient_share(norms(x)).values()),
    "mean_gradient_share": lambda x: list(mean_gradient_share([norms(x)]).values()),
    "emap": lambda x: emap(square(x), len(x))[1].tolist(),
    "emap_dealt": lambda x: emap_dealt(lambda i, j: x[i] + x[j], torch.zeros(2, 3, dtype=torch.long), len(x))[
        1
    ].tolist(),
    "emap_drop": lambda x: emap_drop(square(x), classes(x)),
    "robustness": lambda x: robustness(range(len(x)), x[:, 0].tolist()),
    "effective_robustness": lambda x: effective_robustness(range(len(x)), x[:, 0].tolist(), x[:, 1].tolist()),
    "shapley": lambda x: list(shapley(lambda s: float(x.double().sum()) * len(s), ("a", "b")).values()),
    "seconds_left": lambda x: seconds_left(x[:, 0].tolist(), 3),
    "joint": lambda x: joint(table(x)).tolist(),
    "entropy": lambda x: float(entropy(table(x))),
    "mutual_information": lambda x: mutual_information(table(x).sum(2)),
    "conditional_entropy": lambda x: conditional_entropy(table(x)),
    "divergence": lambda x: float(divergence(table(x), table(x))),
    "late_price": lambda x: late_price(table(x)),
    "late_cross_entropy": lambda x: late_cross_entropy(table(x)),
    "best_late": lambda x: best_late(table(x)).tolist(),
    "prices": lambda x: float(prices(table(x), best_late(table(x)))),
    "decompose": lambda x: list(vars(decompose(table(x), error=1e-2)).values()),
    "reliability": lambda x: reliability(x.softmax(1), classes(x)).share.tolist(),
    "ece": lambda x: ece(x.softmax(1), classes(x)),
    "nll": lambda x: nll(x.softmax(1), classes(x)),
    "brier": lambda x: brier(x.softmax(1), classes(x)),
}
SCORES: dict[str, Callable[[Tensor], object]] = {
    "hits": lambda x: hits(x, classes(x)).tolist(),
    "accuracies": lambda x: list(accuracies(x, classes(x), {"half": torch.eye(x.shape[1])}).values()),
    "perceptual_score": lambda x: perceptual_score(lambda i: i["a"], {"a": x}, classes(x), "a", torch.Generator()),
    "mean_average_precision": lambda x: float(
        mean_average_precision(x, (torch.arange(x.shape[1]) == classes(x)[:, None]).long())
    ),
    "ranks": lambda x: ranks(x, partner_of(x)).expected.tolist(),
    "ranks_both": lambda x: ranks_both(x, partner_of(x)).expected.tolist(),
    "recall_at": lambda x: recall_at(ranks(x, partner_of(x)), 2),
    "mrr": lambda x: mrr(ranks(x, partner_of(x))),
}
EVERY = NUMBERS | SCORES
OF_LOGITS = ("reliability", "ece", "nll", "brier")  # the table makes probabilities of x: -inf is a probability of 0
OTHERS = {hits_of, mean_average_precision_of, r2_of, r2_scores, varying}  # unasked and unwaited for: held below

GOOD = torch.randn(9, 4, generator=torch.Generator().manual_seed(0))


def spoilt(value: float) -> Tensor:
    x = GOOD.clone()
    x[2, 0] = value
    return x


def answer(name: str, x: Tensor) -> list[float] | None:
    """The numbers, or None where a MetricError says one sentence."""
    try:
        found = EVERY[name](x)
    except MetricError as error:
        assert "\n" not in str(error) and str(error).endswith((".", "counts")), error
        return None
    flat = np.asarray(found, float).ravel()
    assert np.isfinite(flat).all(), found
    return flat.tolist()
