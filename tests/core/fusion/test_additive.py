"""Whoever says on which scale it adds up does, for any number of modalities and whoever is missing; all others do not."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
import torch
from torch import Tensor

from core.fusion import FUSIONS
from core.fusion.base import Fusion
from core.metrics.emap import emap, emap_dealt
from core.objectives import build_objective
from core.output import Batch
from tests.core.test_promises import PREDICTS, batch_of, build

ROWS = 8
SCALES = {"logits", "log-probabilities", "probabilities", "votes", "log-evidence"}
MEETS_AT_ONCE = {
    "channel_exchange": {"threshold": 1.0}
}  # else its channels are only exchanged when training has gone on
MIXED = [name for name, fusion in FUSIONS.items() if fusion.fewest > 1]


def variants(name: str) -> list[dict[str, object]]:
    """The default, and each other choice of each parameter that has choices; numbers at their upper end."""
    found: list[dict[str, object]] = [{}]
    for parameter in FUSIONS[name].hyperparameters:
        others = parameter.choices if parameter.choices else (parameter.high,) if parameter.kind == "float" else ()
        found += [{parameter.name: value} for value in others if value != parameter.default]
    return found


CASES = [(name, parameters, count) for name in MIXED for parameters in variants(name) for count in (2, 3)]
CLAIMING = [(n, k, c) for n, k, c in CASES if build(n, c, **k).additive_scale]
DECIDING = [(n, k, c) for n, k, c in CASES if FUSIONS[n].decision_scores is not Fusion.decision_scores]
MEETING = [(n, MEETS_AT_ONCE.get(n, {}), c) for n, k, c in CASES if not k and (n, k, c) not in CLAIMING]


def trained(name: str, count: int, parameters: dict[str, object]) -> Fusion:
    """After a few steps on samples some of which lack a modality: experts differ, and are sure of something."""
    return _trained(name, count, tuple(parameters.items()))


@cache
def _trained(name: str, count: int, parameters: tuple[tuple[str, object], ...]) -> Fusion:
    model, batch = build(name, count, **dict(parameters)), lacking(batch_of(count, rows=32))
    objective = build_objective(FUSIONS[name].prefers.get(PREDICTS, PREDICTS), {})
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(8):
        optimizer.zero_grad()
        objective.total(objective(model(batch), batch)).backward()
        optimizer.step()
    return model.eval()


def lacking(batch: Batch) -> Batch:
    """Every third sample lacks the first modality, the last of all lacks all."""
    first, *others = batch.present
    place = torch.arange(len(batch))
    last = place == len(batch) - 1
    present = {first: (place % 3 != 1) & ~last, **dict.fromkeys(others, ~last)}
    kept = {name: here.view(-1, *[1] * (batch.inputs[name].dim() - 1)) for name, here in present.items()}
    inputs = {name: x * kept[name] for name, x in batch.inputs.items()}
    return Batch(inputs, present, batch.target, batch.pair, batch.index)


def mixed(batch: Batch, *rows: Tensor) -> Batch:
    """Each modality from rows of its own."""
    own = dict(zip(batch.inputs, rows, strict=True))
    inputs = {name: x[own[name]] for name, x in batch.inputs.items()}
    present = {name: here[own[name]] for name, here in batch.present.items()}
    one = batch.rows(rows[0])
    return Batch(inputs, present, one.target, one.pair, one.index)


@torch.no_grad()
def asked(model: Fusion, batch: Batch, *rows: Tensor) -> tuple[Tensor, Tensor]:
    """Decision scores and prediction."""
    one = mixed(batch, *rows)
    output = model(one)
    assert output.prediction is not None
    return model.decision_scores(output, one.present), output.prediction


def interaction(model: Fusion, batch: Batch) -> tuple[Tensor, Tensor]:
    """All combinations of the rows' modalities, f (N, ..., N, C), and what no sum of one term per modality explains of it."""
    count = len(batch.inputs)
    grid = torch.tensor(list(product(range(len(batch)), repeat=count))).T
    f = asked(model, batch, *grid)[0].double().unflatten(0, [len(batch)] * count)
    explained = -(count - 1) * f.mean(tuple(range(count)), keepdim=True)
    for m in range(count):
        explained = explained + f.mean([axis for axis in range(count) if axis != m], keepdim=True)
    return f, f - explained


def test_every_scale_has_a_name_and_who_adds_up_is_blind_to_what_only_all_together_say() -> None:
    assert all(bool(fusion.additive_scale) == fusion.additive for fusion in FUSIONS.values())
    for name, parameters, count in CASES:
        model = build(name, count, **parameters)
        assert model.additive_scale in SCALES | {""}
        assert model.additive or not model.additive_scale, name
        assert model.additive_scale or not model.additive or (name, count) == ("late_max", 3), name


@pytest.mark.parametrize(("name", "parameters", "count"), DECIDING, ids=str)
def test_the_scores_decide_as_the_prediction_does(name: str, parameters: dict[str, object], count: int) -> None:
    model, batch = trained(name, count, parameters), lacking(batch_of(count, rows=ROWS, seed=1))
    grid = torch.tensor(list(product(range(ROWS), repeat=count))).T
    scores, prediction = asked(model, batch, *grid)
    best = prediction.topk(2, 1).values
    clear = best[:, 0] - best[:, 1] > 1e-5
    assert clear.sum() > len(clear) / 2
    assert torch.equal(scores.argmax(1)[clear], prediction.argmax(1)[clear])


@pytest.mark.parametrize(("name", "parameters", "count"), CLAIMING, ids=str)
def test_who_claims_a_scale_is_a_sum_on_it(name: str, parameters: dict[str, object], count: int) -> None:
    model, batch = trained(name, count, parameters), lacking(batch_of(count, rows=ROWS, seed=1))
    f, left = interaction(model, batch)
    assert f.std() > 1e-3 and left.abs().max() < 1e-5 * f.abs().max()
    target = torch.randint(5, (ROWS,), generator=torch.Generator().manual_seed(2))

    def scores(*rows: Tensor) -> Tensor:
        return asked(model, batch, *rows)[0]

    found = [emap_dealt(scores, torch.randint(ROWS, (count, 5), generator=torch.Generator().manual_seed(3)), ROWS)]
    for full, additive in found + ([emap(scores, ROWS)] if count == 2 else []):
        assert torch.equal(full, additive)
        assert float(((full.argmax(1) == target).double() - (additive.argmax(1) == target).double()).sum()) == 0.0


@pytest.mark.parametrize(("name", "parameters", "count"), MEETING, ids=str)
def test_who_claims_none_is_no_sum(name: str, parameters: dict[str, object], count: int) -> None:
    f, left = interaction(trained(name, count, parameters), batch_of(count, rows=ROWS, seed=1))
    assert left.abs().max() > 1e-3 * f.abs().max()


@pytest.mark.parametrize("name", ["late_average", "late_calibrated", "late_weighted", "late_vote", "late_max"])
def test_on_the_scale_of_the_prediction_it_would_be_none(name: str) -> None:
    """Their logarithm of a mean, of a count or of a maximum is no sum: interaction was found where there is none."""
    model, batch = trained(name, 2, {}), batch_of(2, rows=ROWS, seed=1)
    full, additive = emap(lambda *rows: asked(model, batch, *rows)[1], ROWS)
    assert (full - additive).abs().max() > 1e-2
