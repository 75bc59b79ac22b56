"""Mean average precision: for each label, are the samples that have it ranked before those that have not?

AP    sum_n (recall_n - recall_{n-1}) precision_n       over the thresholds n; equal scores share one threshold
mAP   mean over the labels that at least one sample has

Ranked 1 0 1 0 it is (1 + 2/3) / 2 = 5/6. Equal scores are one threshold, as in scikit-learn: what ties is taken together.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.check import rows
from core.metrics.check import scores as ordered

NAME = "average precision"


def mean_average_precision(scores: Tensor, labels: Tensor) -> Tensor:
    """scores, labels (N, K), labels 0 or 1; a scalar on their device, 0 where no sample has any label."""
    ordered(NAME, scores=scores)
    rows(NAME, 2, expected=len(scores), labels=labels)
    if labels.shape != scores.shape or not bool(((labels == 0) | (labels == 1)).all()):
        expected = f"0 or 1 in shape {tuple(scores.shape)}"
        raise MetricError("metric_values", metric=NAME, name="labels", expected=expected, actual=tuple(labels.shape))
    return mean_average_precision_of(scores, labels)


def mean_average_precision_of(scores: Tensor, labels: Tensor) -> Tensor:
    """The same unasked and unwaited for: a scalar left on the device, NaN where a score is NaN."""
    ranked = scores.T.sort(dim=1, descending=True)  # (K, N)
    has = labels.T.gather(1, ranked.indices).to(torch.float32)
    found = has.cumsum(1)
    falling = -ranked.values.contiguous()
    last = torch.searchsorted(falling, falling, right=True) - 1  # (K, N): the end of each place's tie
    precision = found.gather(1, last) / (last + 1)
    count = has.sum(1)
    each = (precision * has).sum(1) / count.clamp_min(1)
    mean = each.sum() / (count > 0).sum().clamp_min(1)
    return torch.where(scores.isnan().any(), torch.full_like(mean, torch.nan), mean)
