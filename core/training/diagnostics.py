"""Diagnostics of a trained model: contributions of modalities, calibration, robustness and cost. Nothing is trained again.

    shapley      each modality's part of the score; the baseline is a sample that lacks the modality
    perceptual   the accuracy that is lost when a modality is shuffled among the samples
    interaction  the score that is lost when all interaction of the modalities is taken out (EMAP)
    robustness   the area under the score as one modality goes missing, or gets noisy, from 0 to 100 %
    calibration  does a confidence of 80 % mean right in 80 %?

All figures are made on the first samples of the test split, the ones that pictures and tables are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import cast

import torch
from torch import Tensor

from core.metrics.calibration import brier, ece, nll
from core.metrics.cost import cost
from core.metrics.emap import emap, emap_dealt
from core.metrics.perceptual import perceptual_score
from core.metrics.robustness import robustness
from core.metrics.shapley import shapley
from core.output import Batch
from core.runs.types import Costs, Curves, Diagnostics, Tables
from core.seeding import generator
from core.training.evaluation import first, forward
from core.training.state import TrainState

# Fewest and most samples of EMAP: it asks for the square, and few leave its mean near a sample's own pair.
PAIRED = (48, 256)
PAIRED_WORK = 4e9  # floating point operations that it may take
DEALT = 48  # deals of the other modalities, where there are more than two and all combinations would be too many
DEALS = 3


@torch.no_grad()
def calibration(state: TrainState) -> dict[str, float]:
    """Metrics of how honest the confidences are; {} where no class is predicted."""
    if not _names_classes(state):
        return {}
    batch = first(state.task.test)
    prediction = forward(state, batch).prediction
    assert prediction is not None
    p = prediction.double().softmax(1).cpu()
    target = batch.target.cpu()
    return {"test/ece": ece(p, target), "test/nll": nll(p, target), "test/brier": brier(p, target)}


@torch.no_grad()
def diagnostics(state: TrainState, tables: Tables, flops: int) -> Diagnostics:
    """What `result.json` keeps under "instruments"; {} where nothing is predicted. `flops`: of one sample's forward pass."""
    if not state.objective.predicts:
        return {}
    batch = first(state.task.test)
    worth = cache(lambda present: _with_only(state, batch, present))
    kinds = cast(Mapping[str, Curves], tables).items()
    found: Diagnostics = {
        "shapley": shapley(worth, state.model.names),
        "nobody": worth(frozenset()),
        "robustness": {kind: {m: _area(rows) for m, rows in of.items()} for kind, of in kinds},
    }
    if len(state.model.names) > 1:
        found["interaction"] = _interaction(state, batch, flops)
    if _names_classes(state):
        found["perceptual"] = {name: _perceptual(state, batch, name) for name in state.model.names}
    return found


@torch.no_grad()
def costs(state: TrainState) -> Costs:
    """Trainable parameters, floating point operations of one sample's forward pass, bytes that its backward would keep."""
    batch = first(state.task.test)
    found = cost(state.model, lambda: state.model(batch))
    parameters = state.parameter_count()
    return {"parameters": parameters, "flops": found.flops // len(batch), "bytes": found.activation_bytes // len(batch)}


def _names_classes(state: TrainState) -> bool:
    return state.objective.predicts and state.objective.target.names_classes


def _area(rows: list[list[float]]) -> float:
    return robustness([row[0] for row in rows], [row[1] for row in rows])


def _with_only(state: TrainState, batch: Batch, present: frozenset[str]) -> float:
    """The score when only these modalities speak."""
    kept = {name: mask & (name in present) for name, mask in batch.present.items()}
    inputs = {name: x if name in present else torch.zeros_like(x) for name, x in batch.inputs.items()}
    prediction = forward(state, replace(batch, inputs=inputs, present=kept)).prediction
    assert prediction is not None
    return float(state.objective.target.score(prediction, batch))


def _perceptual(state: TrainState, batch: Batch, name: str) -> float:
    def predict(inputs: Mapping[str, Tensor]) -> Tensor:
        prediction = forward(state, replace(batch, inputs=dict(inputs))).prediction
        assert prediction is not None
        return prediction

    return perceptual_score(predict, batch.inputs, batch.target, name, generator(0, "perceptual", name), DEALS)


def _interaction(state: TrainState, batch: Batch, flops: int) -> float:
    """EMAP's drop of the score, on the scale on which the method decides; each modality comes from a sample of its own."""
    names, judge = state.model.names, state.objective.target
    (fewest, most), pair = PAIRED, len(names) == 2
    work = PAIRED_WORK / max(1, flops)
    count = int(work**0.5) if pair else int(work / (len(names) * DEALT))
    batch = batch.rows(slice(0, min(most, max(fewest, count))))

    def scores(*rows: Tensor) -> Tensor:
        chosen = {name: row.to(batch.target.device) for name, row in zip(names, rows, strict=True)}
        inputs = {**batch.inputs, **{name: batch.inputs[name][row] for name, row in chosen.items()}}
        present = {**batch.present, **{name: batch.present[name][row] for name, row in chosen.items()}}
        mixed = replace(batch.rows(chosen[names[0]]), inputs=inputs, present=present)
        return state.model.decision_scores(forward(state, mixed), present).cpu()

    if pair:
        full, additive = emap(scores, len(batch))
    else:
        draw = generator(0, "emap")
        deals = torch.stack([torch.randint(len(batch), (DEALT,), generator=draw) for _ in names])
        full, additive = emap_dealt(scores, deals, len(batch))
    with_all, without = (judge.score(answers.to(batch.target.device), batch) for answers in (full, additive))
    return float(with_all) - float(without)
