"""How far numbers are from the truth.

MAE   mean |p - y|
R2    1 - sum (p - y)^2 / sum (y - mean y)^2        1 is perfect, 0 is saying the mean, below 0 is worse than that

R2 is made for each value (column) and averaged, in double. A column that varies by no more than rounding has nothing to be
explained; as in scikit-learn its R2 is 1 if it is met (to rounding), else 0. Whoever shows an R2 asks `varying` first.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.check import ROUNDING, enough, rows, settled, varies


def mae(prediction: Tensor, truth: Tensor) -> Tensor:
    """prediction, truth (N, V); a scalar on their device."""
    _alike("MAE", prediction, truth)
    wide = torch.promote_types(prediction.dtype, torch.float32)
    return _finite("MAE", (prediction.to(wide) - truth).abs().mean())


def r2(prediction: Tensor, truth: Tensor) -> Tensor:
    """prediction, truth (N, V), two rows or more; a scalar on their device."""
    _alike("R2", prediction, truth)
    enough("R2", "truth", len(truth), 2)
    return _finite("R2", r2_of(prediction, truth))


def r2_of(prediction: Tensor, truth: Tensor) -> Tensor:
    """The same unasked and unwaited for: a scalar left on the device, NaN where a prediction is no number."""
    moving = varies(truth)  # (V,)
    predicted, true = prediction.double(), truth.double()
    met = _met(predicted, true, truth.dtype)
    missed = (predicted - true).square().sum(0)
    varied = (true - true.mean(0)).square().sum(0)
    share = missed / torch.where(moving, varied, torch.ones_like(varied))
    still = torch.where(missed.isnan(), missed, 1 - met.double())
    return (1 - torch.where(moving, share, still)).mean()


def r2_scores(prediction: Tensor, truth: Tensor) -> Tensor:
    """(N,) scores of the samples whose mean is `r2`: each sample's pull on a ratio of sums.

        s_i = 1 - e_i^2 / v + (1 - R2) (d_i^2 / v - 1),   e = p - y, d = y - mean y, v = mean d^2

    To first order their spread is that of R2 over other test samples (the delta method for a ratio). Of a column that never
    varies every sample has R2.
    """
    moving = varies(truth)
    predicted, true = prediction.double(), truth.double()
    missed, varied = (predicted - true).square(), (true - true.mean(0)).square()  # (N, V)
    size = torch.where(moving, varied.mean(0), torch.ones_like(moving, dtype=torch.double))
    share = missed.mean(0) / size
    scores = 1 - missed / size + share * (varied / size - 1)
    return torch.where(moving, scores, _met(predicted, true, truth.dtype).double().expand_as(scores)).mean(1)


def _met(predicted: Tensor, true: Tensor, dtype: torch.dtype) -> Tensor:
    """(V,) whether a column is met to rounding of the truth's type."""
    step = torch.finfo(dtype).eps if dtype.is_floating_point else 0.0
    return (predicted - true).abs().amax(0) <= ROUNDING * step * true.abs().amax(0)


def varying(truth: Tensor) -> bool:
    """Whether some value of truth (N, V) varies, so that there is something to explain."""
    return bool(varies(truth).any())


def _alike(metric: str, prediction: Tensor, truth: Tensor) -> None:
    rows(metric, 2, prediction=prediction)
    rows(metric, 2, expected=len(prediction), truth=truth)
    if truth.shape != prediction.shape:
        expected, actual = tuple(prediction.shape), tuple(truth.shape)
        raise MetricError("metric_shape", metric=metric, name="truth", expected=expected, actual=actual)


def _finite(metric: str, value: Tensor) -> Tensor:
    settled(metric, float(value))
    return value
