"""Cost: parameters, operations and time of a model.

    FLOPs       multiplications and additions of the matrix products, convolutions and attentions of one forward (2 a pair)
                of the model as it answers (`training` False); element-wise work is not counted
    parameters  trainable numbers, and bytes of all parameters and buffers
    activations bytes that one forward keeps for its backward as it trains, each storage once, parameters and buffers left out
    seconds     median of the measured steps * steps still to do

FLOPs by torch.utils.flop_counter, activations by torch.autograd.graph.saved_tensors_hooks.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from core.errors import MetricError
from core.metrics.check import settled, within


@dataclass(frozen=True)
class Cost:
    """What a batch costs: operations of one forward pass, trainable numbers, bytes of these and of kept activations."""

    flops: int
    parameters: int
    parameter_bytes: int
    activation_bytes: int


def cost(model: nn.Module, forward: Callable[[], Any]) -> Cost:
    """forward() runs `model` on one batch; it is called twice, without a backward, and draws its dropout. All figures are
    per batch."""
    trains = model.training
    model.eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        forward()
    model.train(trains)
    held = list(chain(model.parameters(), model.buffers()))
    return Cost(
        flops=int(counter.get_total_flops()),
        parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
        parameter_bytes=sum(x.numel() * x.element_size() for x in held),
        activation_bytes=_kept(forward, {x.untyped_storage().data_ptr() for x in held}),
    )


def seconds_left(measured: Sequence[float], steps: int, warm_up: int = 1) -> float:
    """measured: seconds of the steps so far; the first `warm_up` are left out when there are more. Median * `steps`."""
    if not measured:
        raise MetricError("metric_values", metric="cost", name="measured", expected="one step or more", actual=0)
    within("cost", "steps", steps, 0, math.inf)
    settled("cost", sum(measured))
    kept = measured[warm_up:] or measured
    return settled("cost", statistics.median(kept) * steps)


def _kept(forward: Callable[[], Any], own: set[int]) -> int:
    kept: dict[int, int] = {}
    alive: list[Tensor] = []  # a freed storage's address may come back

    def pack(x: Tensor) -> Tensor:
        storage = x.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
            alive.append(x)
        return x

    with torch.enable_grad(), saved_tensors_hooks(pack, lambda x: x):
        forward()
    return sum(kept.values())
