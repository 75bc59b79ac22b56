"""The evaluation after training, done once: probes of the embeddings, predictions, tables of the test-time parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.base import Task
from core.metrics.probes import knn_probe, linear_probe
from core.output import Batch, Output
from core.runs.prediction_file import Predictions
from core.runs.types import Curves, Tables
from core.training.alterations import noisier, without
from core.training.batches import whole
from core.training.evaluation import first, forward, judged
from core.training.predictions import predictions
from core.training.state import TrainState

Change = Callable[[Batch, Task, str, float], Batch]
SEVERITIES = tuple(range(0, 101, 10))  # percent


@dataclass(frozen=True)
class Last:
    """What is looked at once, at the end: test values with the probes of the embeddings, what was said of each test sample,
    and the tables of the test-time parameters."""

    values: dict[str, float]
    predictions: Predictions | None
    tables: Tables


@torch.no_grad()
def final_evaluation(state: TrainState) -> Last:
    """The last look."""
    batch = whole(state.task.test)
    output = forward(state, batch)
    values = judged(state, output, batch, frames=True, within=True).values | _probe_values(state)
    tables = Tables(missing=_table(state, without), noise=_table(state, noisier))
    return Last(values, predictions(state, output, batch), tables)


def _probe_values(state: TrainState) -> dict[str, float]:
    """What a reader who sees only the frozen embeddings can tell of the labels, from each modality's alone: a starved
    encoder shows here and nowhere in the accuracy. Where nothing is predicted, also from all of them together."""
    task, together = state.task, not state.objective.predicts
    encoded = state.model.stage != "input"  # a share of an early layer is no embedding
    if not task.labelled or not (together or encoded):
        return {}
    train, test = whole(task.train), whole(task.test)
    trained_on, tested = forward(state, train), forward(state, test)
    values = {}
    for name, z in trained_on.z.items():
        for part, target, answer in _readable(task):
            values[f"test/probe/{name}{part}"] = linear_probe(z, target, tested.z[name], answer)
    if together:
        both = _concatenated(trained_on), train.target, _concatenated(tested), test.target
        values |= {"test/probe/linear": linear_probe(*both), "test/probe/knn": knn_probe(*both)}
    return values


def _readable(task: Task) -> Iterator[tuple[str, Tensor, Tensor]]:
    """The class of the training and the test samples, then each part of it: ("/<part>", target, answer)."""
    yield "", task.train.target, task.test.target
    for name, membership in task.parts.items():
        value = membership.argmax(1)  # (C,)
        yield f"/{name}", value[task.train.target], value[task.test.target]


def _table(state: TrainState, change: Change) -> Curves:
    """modality -> [[severity %, score], ...] with fixed masks, so that a slider can answer without a model."""
    if not state.objective.predicts:
        return {}
    batch = first(state.task.test)
    return {
        name: [[float(p), _score(state, change(batch, state.task, name, p / 100))] for p in SEVERITIES]
        for name in state.model.names
    }


def _score(state: TrainState, batch: Batch) -> float:
    prediction = forward(state, batch).prediction
    assert prediction is not None
    return float(state.objective.target.score(prediction, batch))


def _concatenated(output: Output) -> Tensor:
    return torch.cat(tuple(output.z.values()), 1)
