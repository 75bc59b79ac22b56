"""QMF: the authors' weighting in numpy, what energy sees that confidence does not, and what it sees wrongly untaught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.config import RunConfig
from core.output import Output
from core.training.batches import whole
from core.training.evaluation import forward
from core.training.loop import Loop
from core.training.state import TrainState
from tests.core.fusion.experts import late
from tests.core.objectives.cases import batch_of as labels_of


def decided(model, *logits: list[list[float]] | Tensor, without: tuple[int, ...] = ()) -> Tensor:
    """The prediction (B, C) that comes of each modality's logits (B, C)."""
    experts = {name: torch.as_tensor(said) for name, said in zip(model.names, logits, strict=True)}
    rows = len(experts[model.names[0]])
    batch = labels_of(torch.zeros(rows, dtype=torch.long))
    here = {name: torch.full((rows,), m not in without) for m, name in enumerate(model.names)}
    return model.decide(Output(experts=experts, taught=here), replace(batch, inputs={}, present=here)).prediction


def drawn(count: int, rows: int = 50) -> list[Tensor]:
    draw = torch.Generator().manual_seed(count)
    return [3 * torch.randn(rows, 3, generator=draw) + 2 for _ in range(count)]


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_it_is_the_papers_sum(count: int, temperature: float) -> None:
    """Sum of w f with w = -E / 10 and E = -T log sum exp(f / T), wherever no weight is negative."""
    said = [said.numpy().astype(np.float64) for said in drawn(count)]
    weights = [0.1 * temperature * np.log(np.exp(f / temperature).sum(1)) for f in said]
    kept = np.all([w > 0 for w in weights], 0)
    assert kept.sum() > 20
    expected = sum(w[:, None] * f for w, f in zip(weights, said, strict=True))
    ours = decided(late("qmf", count, temperature=temperature), *drawn(count)).numpy()
    assert np.allclose(ours[kept], expected[kept], atol=1e-4)


def test_energy_tells_apart_who_is_equally_sure() -> None:
    """Same probabilities, other heights: the higher decides. Whoever reads probabilities alone calls it a tie."""
    one, two = [[6.0, 4.0, 0.0]], [[2.0, 4.0, -2.0]]
    higher = decided(late("qmf"), one, two).softmax(1)[0]
    lower = decided(late("qmf"), [[2.0, 0.0, -4.0]], [[6.0, 8.0, 2.0]]).softmax(1)[0]
    assert higher[0] > higher[1] and lower[1] > lower[0]
    for name in ("late_average", "late_product"):
        log_p = torch.tensor([one, two]).log_softmax(2)
        p = late(name).combine(log_p, torch.ones(2, 1, dtype=torch.bool)).softmax(1)[0]
        assert float(p[0]) == pytest.approx(float(p[1]), abs=1e-6), name
    p = decided(late("late_weighted"), one, two).softmax(1)[0]
    assert float(p[0]) == pytest.approx(float(p[1]), abs=1e-6)


def test_who_knows_nothing_is_not_turned_around() -> None:
    """A low height would be a negative weight, and speak against what the expert says."""
    low, other = [[-9.0, -12.0, -12.0]], [[3.0, 3.0, 3.0]]
    assert decided(late("qmf"), low, other).softmax(1)[0].tolist() == pytest.approx([1 / 3] * 3)


def test_who_is_absent_weighs_nothing() -> None:
    one, two = drawn(2)
    model = late("qmf")
    alone = decided(model, one, two, without=(1,))
    assert torch.equal(alone.argmax(1), torch.where(one.logsumexp(1) > 0, one.argmax(1), 0))
    assert torch.equal(alone, decided(model, one, two + 100, without=(1,)))
    assert torch.equal(decided(model, one, two, without=(0, 1)), torch.zeros(50, 3))


def test_it_shows_each_ones_share_of_the_weights() -> None:
    model = late("qmf")
    one, two = drawn(2)
    heights = torch.stack([said.logsumexp(1).clamp_min(0) for said in (one, two)])
    here = {name: torch.ones(50, dtype=torch.bool) for name in model.names}
    output = Output(experts=dict(zip(model.names, (one, two), strict=True)), taught=here, prediction=one)
    shares = model.diagnostics(output, here)["weight"].mean
    assert shares.tolist() == pytest.approx((heights / heights.sum(0)).mean(1).tolist(), abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "rises"), [("av_digits", False), ("interactions", True)])
def test_what_noise_does_to_a_weight_that_nobody_taught(dataset: str, rises: bool) -> None:
    """Noise lowers the weight of digits as it should; vectors it makes louder, and heavier: the paper's regulariser is for that."""
    loop = Loop(TrainState.build(RunConfig.make(dataset, "qmf")), False, False)
    for _ in loop.run(0, None):
        pass
    task, model = loop.state.task, loop.state.model
    batch = whole(task.test)
    for place, name in enumerate(model.names):
        weights = []
        for severity in (0.0, 1.0):
            noisy = task.corrupt(name, severity, 0).to(batch.target.device) if severity else batch.inputs[name]
            noisy_batch = replace(batch, inputs={**batch.inputs, name: noisy})
            with torch.no_grad():
                look = model.diagnostics(forward(loop.state, noisy_batch), batch.present)
            weights.append(float(look["weight"].mean[place]))
        assert (weights[1] > weights[0]) is rises, (name, weights)
