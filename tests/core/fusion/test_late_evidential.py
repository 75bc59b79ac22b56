"""Dempster's rule three ways: set by set, as the paper reduces it, and in evidence as it is computed."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from core import catalog
from core.catalog import compatibility
from core.config import RunConfig
from core.fusion.dirichlet import evidence, expected, uncertainty
from core.fusion.late_evidential import combined
from core.runs import frames, store
from core.serving.projector import project_run
from core.train import train
from tests.conftest import small_config
from tests.core.test_promises import batch_of, build

EVERY = frozenset(range(3))


def masses(e: torch.Tensor) -> dict[frozenset[int], float]:
    """The opinion as masses of sets: each class by itself, and all classes for what is not known."""
    total = float((e + 1).sum())
    return {frozenset({c}): float(x) / total for c, x in enumerate(e)} | {EVERY: 3 / total}


def dempster(one: dict[frozenset[int], float], two: dict[frozenset[int], float]) -> dict[frozenset[int], float]:
    """The full rule: masses of intersecting sets multiply, what contradicts itself is divided out."""
    found: dict[frozenset[int], float] = {}
    for (a, x), (b, y) in product(one.items(), two.items()):
        found[a & b] = found.get(a & b, 0.0) + x * y
    conflict = found.pop(frozenset(), 0.0)
    return {s: x / (1 - conflict) for s, x in found.items()}


def reduced(e: torch.Tensor) -> torch.Tensor:
    """Equation 4 of the paper, one opinion after the other."""
    classes = e.shape[1]
    b, u = e[0] / (e[0] + 1).sum(), classes / (e[0] + 1).sum()
    for more in e[1:]:
        b2, u2 = more / (more + 1).sum(), classes / (more + 1).sum()
        conflict = b.sum() * b2.sum() - (b * b2).sum()
        b, u = (b * b2 + b * u2 + b2 * u) / (1 - conflict), u * u2 / (1 - conflict)
    return b * classes / u


@pytest.mark.parametrize("count", [2, 3, 5])
def test_it_is_dempsters_rule(count: int) -> None:
    e = 4 * torch.rand(count, 3, generator=torch.Generator().manual_seed(count), dtype=torch.float64)
    ours = combined(e)
    sets = masses(e[0])
    for more in e[1:]:
        sets = dempster(sets, masses(more))
    assert torch.allclose(ours, reduced(e))
    assert float(uncertainty(ours)) == pytest.approx(sets[EVERY])
    assert (ours / (ours + 1).sum()).tolist() == pytest.approx([sets[frozenset({c})] for c in range(3)])
    assert torch.allclose(ours, combined(e.flip(0)))


def test_agreement_makes_sure_conflict_does_not_decide() -> None:
    yes, no, nothing = torch.tensor([8.0, 0, 0]), torch.tensor([0, 8.0, 0]), torch.zeros(3)
    assert uncertainty(combined(torch.stack([yes, yes]))) < uncertainty(yes)
    assert torch.allclose(combined(torch.stack([yes, nothing])), yes, atol=1e-5)
    torn = expected(combined(torch.stack([yes, no])))
    assert float(torn[0]) == pytest.approx(float(torn[1])) and torn[0] > torn[2]


def test_who_knows_nothing_at_all_says_so() -> None:
    model, batch = build("late_evidential"), batch_of()
    nobody = {name: torch.zeros(9, dtype=torch.bool) for name in model.names}
    output = model(type(batch)(batch.inputs, nobody, batch.target, batch.pair, batch.index))
    assert torch.allclose(output.uncertainty, torch.ones(9))
    assert torch.allclose(output.prediction.softmax(1), torch.full((9, 5), 0.2))


def test_one_sense_more_makes_surer() -> None:
    model, batch = build("late_evidential"), batch_of()
    alone = {"image": batch.present["image"], "audio": torch.zeros(9, dtype=torch.bool)}
    one = model(type(batch)(batch.inputs, alone, batch.target, batch.pair, batch.index))
    e = evidence(one.experts["image"])
    assert torch.allclose(one.uncertainty, uncertainty(e), atol=1e-6)
    assert torch.allclose(one.prediction.softmax(1), expected(e), atol=1e-6)
    assert (model(batch).uncertainty <= one.uncertainty + 1e-6).all()


def test_huge_logits_stay_finite_and_have_a_slope() -> None:
    logits = torch.tensor([[-1e4, 0.0, 9.99, 10.01, 1e4]], requires_grad=True)
    e = evidence(logits)
    e.sum().backward()
    assert e.isfinite().all() and combined(e.detach().expand(5, 1, 5)).isfinite().all()
    assert (logits.grad[0, 1:] > 0).all()
    assert float(logits.grad[0, 3] / logits.grad[0, 2]) == pytest.approx(1.0, abs=0.02)  # no kink


def test_its_objective_is_the_evidential_one_unless_told_otherwise() -> None:
    for dataset in ("interactions", "av_digits"):
        assert (
            compatibility.fitting_objective(catalog.dataset(dataset), catalog.fusion("late_evidential")) == "evidential"
        )
    assert RunConfig.make("interactions", "late_evidential").objective == "evidential"
    assert RunConfig.make("interactions", "late_evidential", "classification").objective == "classification"


@pytest.mark.slow
def test_its_errors_are_less_sure_and_missing_senses_make_unsure() -> None:
    settings = {"data.train_size": 1000, "epochs": 10, "data.test_missing": 0.3}
    steps = list(train(RunConfig.make("av_digits", "late_evidential", settings=settings)))
    frame = [step.frame for step in steps if step.frame is not None][-1]
    right = frame.blocks["prediction"] == np.arange(500) % 10
    assert 0.5 < right.mean() < 1
    assert frame.blocks["uncertainty"][~right].mean() > 1.5 * frame.blocks["uncertainty"][right].mean()
    shown = dict(
        zip(frame.diagnostics["uncertainty"]["axes"][0], frame.diagnostics["uncertainty"]["mean"], strict=True)
    )
    assert shown["together"] == pytest.approx(frame.blocks["uncertainty"].mean() / 255, abs=5e-3)
    lacking = ~(frame.z.astype(np.float32) != 0).any(2).all(0)
    assert 0.3 < lacking.mean() < 0.7
    assert frame.blocks["uncertainty"][lacking].mean() > 1.5 * frame.blocks["uncertainty"][~lacking].mean()


def test_each_samples_uncertainty_reaches_the_picture(tmp_path: Path, train_to_end) -> None:
    config = small_config("late_evidential")
    folder = train_to_end(config, tmp_path)
    project_run(folder)
    last = [step.frame for step in train(config) if step.frame is not None][-1]
    step = store.steps(folder, "projection")[-1]
    _, blocks = frames.decode(store.frame_path(folder, "projection", step).read_bytes())
    assert last.blocks["uncertainty"].std() > 0
    assert np.array_equal(blocks["uncertainty"], last.blocks["uncertainty"])
    assert np.array_equal(blocks["prediction"], last.blocks["prediction"])


def test_other_methods_say_nothing_of_it() -> None:
    assert build("late_average")(batch_of()).uncertainty is None
