"""The validation pass: test values, and from the same forward pass the picture of the epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.base import HardNegative, Split
from core.metrics.discrimination import discrimination_accuracy
from core.metrics.embedding import embedding_metrics
from core.output import Batch, Output
from core.runs.frames import ANSWER, EMBEDDING, compact, embedding_of
from core.training.batches import slices, whole
from core.training.state import TrainState

CHUNK = 1000  # rows a forward pass: bounds memory, and results do not depend on it
PROBE = 1000  # samples a frame shows of each modality
BLOCK_BYTES = 65_536  # of a named tensor that a frame keeps: browsers get it with every picture


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
    return judged(state, forward(state, batch), batch, frames, within)


def judged(state: TrainState, output: Output, batch: Batch, frames: bool, within: bool) -> Evaluation:
    """What `output` of the test split's `batch` is worth; `within` also measures the space of each modality by itself."""
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
        losses = state.objective(output.rows(slice(start, start + size)), chunk)
        named = {"loss": state.objective.total(losses)} | {f"loss/{n}": v for n, v in losses.items()}
        for name, value in named.items():
            sums[name] = sums.get(name, value.new_zeros(())) + value * (len(chunk) / rows)
    return {f"test/{name}": float(value) for name, value in sums.items()}


def forward(state: TrainState, batch: Batch) -> Output:
    """The model over a large batch, in chunks, in evaluation mode (`model.training` is False meanwhile)."""
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


def first(split: Split) -> Batch:
    """The samples that pictures and tables are made of."""
    return next(slices(whole(split), PROBE))


def _named(values: dict[str, float]) -> dict[str, float]:
    return {f"test/{name}": value for name, value in values.items()}
