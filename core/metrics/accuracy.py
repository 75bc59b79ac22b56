"""Accuracy, of the class and of each part of it.

accuracy       mean_i [argmax_c p_i(c) = y_i]
of a part      the same after summing p over the classes that share the part's value: P(value) = p K, K (C, V) 0/1
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def accuracies(prediction: Tensor, target: Tensor, parts: Mapping[str, Tensor]) -> dict[str, float]:
    """prediction (N, C) log scale, target (N,), parts name -> (C, V). Keys: "accuracy", "accuracy/<part>"."""
    values = {"accuracy": float((prediction.argmax(1) == target).double().mean())}
    if parts:
        p = prediction.softmax(1)
        for name, membership in parts.items():
            truth = membership.argmax(1)[target]
            values[f"accuracy/{name}"] = float(((p @ membership).argmax(1) == truth).double().mean())
    return values
