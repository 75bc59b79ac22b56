"""Accuracy, of the class and of each part of it.

hit_i          1 / t where the true class is one of the t that share the largest score, else 0      ties in a random order
accuracy       mean_i hit_i
of a part      the same after summing p over the classes that share the part's value: P(value) = p K, K (C, V) 0/1
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from core.metrics.check import classes, scores


def hits(prediction: Tensor, target: Tensor, metric: str = "accuracy") -> Tensor:
    """prediction (N, C) on any scale that orders the classes, target (N,) -> (N,) double, 0..1."""
    scores(metric, prediction=prediction)
    classes(metric, len(prediction), prediction.shape[1], target=target)
    return hits_of(prediction, target).double()


def hits_of(prediction: Tensor, target: Tensor) -> Tensor:
    """The same unasked and unwaited for: (N,) left on the device, NaN where a score is NaN."""
    top = prediction == prediction.amax(1, keepdim=True)
    return top.gather(1, target.unsqueeze(1)).squeeze(1) / top.sum(1)


def accuracies(prediction: Tensor, target: Tensor, parts: Mapping[str, Tensor]) -> dict[str, float]:
    """prediction (N, C) log scale, target (N,), parts name -> (C, V). Keys: "accuracy", "accuracy/<part>"."""
    values = {"accuracy": float(hits(prediction, target).mean())}
    if parts:
        p = prediction.float().softmax(1) if prediction.element_size() < 4 else prediction.softmax(1)
        for name, membership in parts.items():
            truth = membership.argmax(1)[target]
            values[f"accuracy/{name}"] = float(hits_of(_summed(p, membership), truth).double().mean())
    return values


def _summed(p: Tensor, membership: Tensor) -> Tensor:
    """(N, V) what the classes of each value have together; nothing at all, if all scores were -inf, is shared evenly."""
    return (p @ membership.to(p.dtype)).nan_to_num(0.0)
