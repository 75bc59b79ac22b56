"""Mean average precision: for each label, are the samples that have it ranked before those that have not?

AP    sum_n (recall_n - recall_{n-1}) precision_n       over the thresholds n; equal scores share one threshold
mAP   mean over the labels that at least one sample has

Ranked 1 0 1 0 it is (1 + 2/3) / 2 = 5/6.
"""

from __future__ import annotations

import torch
from torch import Tensor


def mean_average_precision(scores: Tensor, labels: Tensor) -> Tensor:
    """scores, labels (N, K), labels 0 or 1; a scalar on their device, 0 where no sample has any label."""
    ranked = scores.T.sort(dim=1, descending=True)  # (K, N)
    has = labels.T.gather(1, ranked.indices).to(torch.float32)
    found = has.cumsum(1)
    falling = -ranked.values.contiguous()
    last = torch.searchsorted(falling, falling, right=True) - 1  # (K, N): the end of each place's tie
    precision = found.gather(1, last) / (last + 1)
    count = has.sum(1)
    each = (precision * has).sum(1) / count.clamp_min(1)
    return each.sum() / (count > 0).sum().clamp_min(1)
