"""The validation pass: test values, and from the same forward pass the picture of the epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.base import HardNegative, Split, Task
from core.metrics.discrimination import discrimination_accuracy
from core.metrics.embedding import embedding_metrics
from core.metrics.probes import knn_probe, linear_probe
from core.output import Batch, Output
from core.runs.frames import ANSWER, EMBEDDING, compact, embedding_of
from core.runs.prediction_file import Predictions
from core.training.batches import slices, whole
from core.training.predictions import predictions
from core.training.state import TrainState

CHUNK = 1000  # rows a forward pass: bounds memory, and results do not depend on it
PROBE = 1000  # samples a frame shows of each modality
BLOCK_BYTES = 65_536  # of a named tensor that a frame keeps: browsers get it with every picture
Change = Callable[[Task, str, float], Batch]
SEVERITIES = tuple(range(0, 101, 10))  # percent


@dataclass(frozen=True)
class Frame:
    """What pictures of an evaluation are made of: named arrays of the view set's samples, the role of each, and the method's
    inner decisions.

    One block has the role EMBEDDING: z (M, N, D), in half precision where that is enough. A target adds what it shows (of a
    class (N,) `prediction`), a method `uncertainty` (N,), 255 of 255 is knowing nothing, and the named tensors that it shows.
    """

    blocks: dict[str, np.ndarray]
    roles: dict[str, str]
    diagnostics: dict[str, dict[str, Any]]

    @property
    def z(self) -> np.ndarray:
        """The embeddings (M, N, D)."""
        return self.blocks[embedding_of(self.roles)]


@dataclass(frozen=True)
class Evaluation:
    """Test values, and the frame when it was asked for."""

    values: dict[str, float]
    frame: Frame | None


@torch.no_grad()
def evaluate(state: TrainState, frames: bool, within: bool = False) -> Evaluation:
    """Judge the test split: losses and accuracy; with `frames` also the embedding's figures and its picture. Nothing random is drawn."""
    batch = whole(state.task.test)
    return _judged(state, forward(state, batch), batch, frames, within)


def _judged(state: TrainState, output: Output, batch: Batch, frames: bool, within: bool) -> Evaluation:
    values = _losses(state, output, batch)
    if (
        state.objective.predicts and output.prediction is not None and all(map(math.isfinite, values.values()))
    ):  # else the loss ends the run, and says why
        values |= _named(state.objective.target.judge(output.prediction, batch, state.task))
    if not frames:
        return Evaluation(values, None)
    if all(bool(z.isfinite().all()) for z in output.z.values()):  # else they have no figures, and the picture says so
        values |= _of_embedding(state, output, batch, within)
    return Evaluation(values, picture(state, output, batch))


def _of_embedding(state: TrainState, output: Output, batch: Batch, within: bool) -> dict[str, float]:
    negatives = {
        name: one for name, one in state.task.hard_negatives.items() if one.modality in output.z and len(output.z) > 1
    }
    values = {f"test/foil/{name}": discriminated(state, one, output) for name, one in negatives.items()}
    return values | _named(embedding_metrics(output.z, batch.pair, batch.present, within))


def _losses(state: TrainState, output: Output, batch: Batch) -> dict[str, float]:
    """Mean test losses over batches of the training's size: a contrastive loss grows with the batch it is taken over."""
    size, rows = state.config.batch_size, len(batch)
    sums: dict[str, Tensor] = {}
    for start, chunk in zip(range(0, rows, size), slices(batch, size), strict=True):
        terms = state.objective(output.rows(slice(start, start + size)), chunk)
        named = {"loss": state.objective.total(terms)} | {f"loss/{n}": v for n, v in terms.items()}
        for name, value in named.items():
            sums[name] = sums.get(name, value.new_zeros(())) + value * (len(chunk) / rows)
    return {f"test/{name}": float(value) for name, value in sums.items()}


@dataclass(frozen=True)
class Last:
    """What is looked at once, at the end: test values with the probes of the embeddings, what was said of each test sample,
    and the tables of the test-time parameters."""

    values: dict[str, float]
    predictions: Predictions | None
    tables: dict[str, dict[str, list[list[float]]]]


@torch.no_grad()
def final_evaluation(state: TrainState) -> Last:
    """The last look."""
    batch = whole(state.task.test)
    output = forward(state, batch)
    values = _judged(state, output, batch, frames=True, within=True).values | _probe_values(state)
    tables = {"missing": _table(state, _without), "noise": _table(state, _noisier)}
    return Last(values, predictions(state, output, batch), tables)


def forward(state: TrainState, batch: Batch) -> Output:
    """The model over a large batch, in chunks, as it answers when nobody learns (`model.training` is False meanwhile)."""
    state.model.eval()
    output = Output.joined([state.model(chunk) for chunk in slices(batch, CHUNK)])
    state.model.train()
    return output


def picture(state: TrainState, output: Output, batch: Batch) -> Frame:
    """The first PROBE samples' embeddings and what the method decided on average."""
    rows = slice(0, PROBE)
    z = torch.stack([value[rows] for value in output.z.values()]).detach().float()
    blocks, roles = {"z": compact(z.cpu().numpy(), z.half().cpu().numpy())}, {"z": EMBEDDING}
    if state.objective.predicts and output.prediction is not None:
        answer = state.objective.target.shown(output.prediction[rows])
        blocks |= {name: _array(values) for name, values in answer.items()}
        roles |= dict.fromkeys(answer, ANSWER)
    if output.uncertainty is not None:
        blocks["uncertainty"], roles["uncertainty"] = _bytes(output.uncertainty[rows]), "uncertainty"
    for name, values in output.named.items():
        if (role := name.split("/")[0]) in state.model.shows:
            blocks[name], roles[name] = _array(_few(values)), role
    diagnostics = state.model.diagnostics(output, batch.present)
    return Frame(
        blocks,
        roles,
        diagnostics={
            name: {"axes": [list(axis) for axis in one.axes], "mean": one.mean.cpu().tolist()}
            for name, one in diagnostics.items()
            if bool(one.mean.isfinite().all())  # norms of 1e20 overflow: no share is shown, the training goes on
        },
    )


def _few(values: Tensor) -> Tensor:
    """(N, ...) the first of the samples, as many as a picture has room for."""
    each = 2 * max(1, math.prod(values.shape[1:]))
    return values[: min(PROBE, max(1, BLOCK_BYTES // each))]


def _array(values: Tensor) -> np.ndarray:
    """Whole numbers in one byte each or two, others in half precision, or in single where half cannot hold them."""
    if not values.is_floating_point():
        return _classes(values)
    single = values.detach().float()
    half = single.half()
    fits = bool((half.isfinite() == single.isfinite()).all())
    return np.asarray((half if fits else single).cpu().numpy())


def _classes(prediction: Tensor) -> np.ndarray:
    """(N,) classes in one byte each, or in two where there are more than 256."""
    named: np.ndarray = prediction.cpu().numpy()
    return named.astype(np.uint8 if named.max(initial=0) < 256 else np.uint16)


def _bytes(share: Tensor) -> np.ndarray:
    """0..1 as 0..255; NaN is knowing nothing."""
    rounded: np.ndarray = (share.nan_to_num(1.0).clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()
    return rounded


def discriminated(state: TrainState, negative: HardNegative, output: Output) -> float:
    """How often the other modalities lie closer to the true input than to the hard negative."""
    rows = whole(state.task.test).rows(negative.rows)
    fooled = forward(state, replace(rows, inputs={**rows.inputs, negative.modality: negative.inputs}))
    return discrimination_accuracy(output.rows(negative.rows).z, fooled.z[negative.modality], negative.modality)


def _probe_values(state: TrainState) -> dict[str, float]:
    """What a reader who sees only the frozen embeddings can tell of the labels, from each modality's alone: a starved
    encoder shows here and nowhere in the accuracy. Where nothing is predicted, also from all of them together."""
    task, together = state.task, not state.objective.predicts
    encoded = state.model.stage != "input"  # a share of an early layer is no embedding
    if not task.labelled or not (together or encoded):
        return {}
    train, test = whole(task.train), whole(task.test)
    seen, asked = forward(state, train), forward(state, test)
    values = {}
    for name, z in seen.z.items():
        for part, target, answer in _readable(task):
            values[f"test/probe/{name}{part}"] = linear_probe(z, target, asked.z[name], answer)
    if together:
        both = _concatenated(seen), train.target, _concatenated(asked), test.target
        values |= {"test/probe/linear": linear_probe(*both), "test/probe/knn": knn_probe(*both)}
    return values


def _readable(task: Task) -> Iterator[tuple[str, Tensor, Tensor]]:
    """The class of the training and the test samples, then each part of it: ("/<part>", target, answer)."""
    yield "", task.train.target, task.test.target
    for name, membership in task.parts.items():
        value = membership.argmax(1)  # (C,)
        yield f"/{name}", value[task.train.target], value[task.test.target]


def _table(state: TrainState, change: Change) -> dict[str, list[list[float]]]:
    """modality -> [[severity %, score], ...] with fixed masks, so that a slider can answer without a model."""
    if not state.objective.predicts:
        return {}
    return {
        name: [[float(p), _score(state, change(state.task, name, p / 100))] for p in SEVERITIES]
        for name in state.model.names
    }


def _score(state: TrainState, batch: Batch) -> float:
    prediction = forward(state, batch).prediction
    assert prediction is not None
    return float(state.objective.target.score(prediction, batch))


def first(split: Split) -> Batch:
    """The samples that pictures and tables are made of."""
    return next(slices(whole(split), PROBE))


def _without(task: Task, modality: str, share: float) -> Batch:
    """The first samples of the test split with `modality` absent in `share` of the samples: the same ones in every run, nested as it grows."""
    batch = first(task.test)
    order = torch.rand(len(batch), generator=torch.Generator().manual_seed(0)).to(batch.target.device)
    here = batch.present[modality] & (order >= share)
    kept = here.view(-1, *[1] * (batch.inputs[modality].dim() - 1))
    inputs = {**batch.inputs, modality: batch.inputs[modality] * kept}
    return replace(batch, inputs=inputs, present={**batch.present, modality: here})


def _noisier(task: Task, modality: str, severity: float) -> Batch:
    """The first samples of the test split with more noise on one modality, from the data set's own noise."""
    batch = first(task.test)
    if not severity:
        return batch
    noisy = task.corrupt(modality, severity, 0)[: len(batch)].to(batch.target.device)
    return replace(batch, inputs={**batch.inputs, modality: noisy})


def _named(values: dict[str, float]) -> dict[str, float]:
    return {f"test/{name}": value for name, value in values.items()}


def _concatenated(output: Output) -> Tensor:
    return torch.cat(tuple(output.z.values()), 1)
