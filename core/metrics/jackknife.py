"""Jackknife: the influence of each sample on a metric that is no mean, from leaving it out.

    s_i = f + (N - 1) (mean_j f_(j) - f_(i))        f_(i): the figure without sample i

Their mean is f and, to first order, their spread is that of f over other samples.

Tukey, Bias and confidence in not quite large samples, 1958.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

MOST = 1000  # samples: it costs their square


def jackknife(figure: Callable[[Tensor, Tensor], Tensor], prediction: Tensor, truth: Tensor) -> Tensor | None:
    """(N,) from prediction and truth (N, ...), of which `figure` makes a scalar; None of more than MOST samples, or of one."""
    count = len(prediction)
    if not 2 <= count <= MOST:
        return None
    rows = torch.arange(count, device=prediction.device)
    without = torch.stack([figure(prediction[rows != i], truth[rows != i]) for i in range(count)]).double()
    return figure(prediction, truth).double() + (count - 1) * (without.mean() - without)
