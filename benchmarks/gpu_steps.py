"""The pieces of `gpu.py` that time one training step: eager, as a CUDA graph, several seeds stacked, at lower precision.

A step is what the product's loop does: gather a batch of resident data, forward, losses, backward, clip, AdamW.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from core.config import RunConfig
from core.data.base import Modality, Split, Task
from core.output import Batch
from core.renderers import Picture
from core.training.batches import whole
from core.training.state import TrainState
from core.training.vmap_stack import Stack

Step = Callable[[], object]
WARM_UP = 3  # updates before a step is captured: kernels are chosen, gradients and moments have their memory
LARGE = {"image": Modality("image", (1, 28, 28)), "audio": Modality("audio", (112, 112))}


def large_task(rows: int) -> Task:
    """Random 1x28x28 pictures and 112x112 spectrograms of ten classes: for time, not for accuracy."""
    draw = torch.Generator().manual_seed(0)
    inputs = {name: torch.randn(rows, *modality.shape, generator=draw) for name, modality in LARGE.items()}
    here = {name: torch.ones(rows, dtype=torch.bool) for name in inputs}
    target = torch.randint(10, (rows,), generator=draw)
    split = Split(inputs, here, target, torch.arange(rows))
    return Task(
        name="av_digits",
        modalities=LARGE,
        train=split,
        test=split.rows(torch.arange(min(rows, 64))),
        classes=tuple("0123456789"),
        chance=0.1,
        retrieval="class",
        samples="0" * 12,
        corrupt=lambda modality, severity, seed: inputs[modality],
        show=lambda split, index: {name: Picture(x[index].squeeze(0).sigmoid()) for name, x in inputs.items()},
    )


def milliseconds(step: Step, device: torch.device, steps: int, repeats: int = 5) -> float:
    """Wall milliseconds per step, the median of `repeats` stretches of `steps`; the device has caught up at both ends."""
    for _ in range(max(3, steps // 10)):
        step()
    seconds = []
    for _ in range(repeats):
        _wait(device)
        begun = time.perf_counter()
        for _ in range(steps):
            step()
        _wait(device)
        seconds.append(time.perf_counter() - begun)
    return 1000 * statistics.median(seconds) / steps


def eager(state: TrainState, context: Callable[[], AbstractContextManager[Any]] = nullcontext) -> Step:
    """The product's step on the next rows of the training split, each time."""
    update = _update(state, state.optimizer, context)
    batches = _Batches(state)
    return lambda: update(batches.gathered())


def captured(state: TrainState) -> Step:
    """The whole step as one CUDA graph; the next rows are gathered into its fixed inputs before each replay.

    WARM_UP updates with the first rows come before. RuntimeError where an operation of the step cannot be captured (it
    waits for the device).
    """
    groups = [{**group, "capturable": True} for group in state.optimizer.param_groups]
    optimizer = torch.optim.AdamW(groups, fused=True, capturable=True)
    update = _update(state, optimizer, nullcontext, keep=True)
    batches = _Batches(state)
    fixed = batches.gathered()
    replay = _captured(lambda: update(fixed))

    def step() -> None:
        batches.gather_into(fixed)
        replay()

    return step


def _captured(update: Step) -> Step:
    """An update of fixed tensors as one graph, after WARM_UP of them on a stream aside."""
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(WARM_UP):
            update()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        update()
    return graph.replay


def graph_difference(config: RunConfig, steps: int) -> float:
    """The largest difference of a weight after the same `steps` updates, replayed and eager: a graph that is quick and wrong is none."""
    plain, replayed = TrainState.build(config), TrainState.build(config)
    replay = captured(replayed)
    update, batches = _update(plain, plain.optimizer, nullcontext), _Batches(plain)
    first = batches.gathered()
    for _ in range(WARM_UP):
        update(first)
    for _ in range(steps):
        update(batches.gathered())
        replay()
    pairs = zip(plain.model.parameters(), replayed.model.parameters(), strict=True)
    return max(float((a - b).detach().abs().max()) for a, b in pairs)


def stacked(config: RunConfig, seeds: int, graph: bool = False) -> Step:
    """One update of `seeds` models that are trained together; as one CUDA graph, where asked for."""
    states = [TrainState.build(config.with_settings(seed=seed)) for seed in range(seeds)]
    stack = Stack(states)
    rows = vars(_Batches(states[0]).gathered())
    batch = {
        name: {n: torch.stack([x] * seeds) for n, x in value.items()}
        if isinstance(value, dict)
        else torch.stack([value] * seeds)
        for name, value in rows.items()
    }

    def step() -> None:
        stack.update(batch)
        stack.step()
        stack._loss_buffer.clear()

    if graph:
        for group in stack._optimizer.param_groups:
            group["capturable"] = True
    return _captured(step) if graph else step


class _Batches:
    """Rows of the training split in a fixed permutation, without end."""

    def __init__(self, state: TrainState) -> None:
        self.data, self.size = whole(state.task.train), state.config.batch_size
        draw = torch.Generator().manual_seed(0)
        self.order = torch.randperm(state.train_size, generator=draw).to(state.device)
        self.at = 0

    def gathered(self) -> Batch:
        return self.data.rows(self._rows())

    def gather_into(self, fixed: Batch) -> None:
        rows = self._rows()
        for name, source in vars(self.data).items():
            target = getattr(fixed, name)
            if isinstance(source, dict):
                for key, x in source.items():
                    torch.index_select(x, 0, rows, out=target[key])
            else:
                torch.index_select(source, 0, rows, out=target)

    def _rows(self) -> torch.Tensor:
        if self.at + self.size > len(self.order):
            self.at = 0
        rows = self.order[self.at : self.at + self.size]
        self.at += self.size
        return rows


def _update(
    state: TrainState,
    optimizer: torch.optim.Optimizer,
    context: Callable[[], AbstractContextManager[Any]],
    keep: bool = False,
) -> Callable[[Batch], None]:
    def update(batch: Batch) -> None:
        with context():
            output = state.model(batch)
            loss = state.objective.total(state.objective(output, batch))
        optimizer.zero_grad(set_to_none=not keep)
        loss.backward()
        state.clip()
        optimizer.step()
        state.keep_within_bounds()

    return update


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
