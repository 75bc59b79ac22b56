"""Weighted average: weights by entropy checked by hand, learned ones against their loss's own minimum."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Categorical

from core.fusion.late_weighted import MIXTURE, confidence
from core.objectives import build_objective
from core.output import Output
from tests.core.fusion.experts import late
from tests.core.objectives.cases import batch_of as labels_of
from tests.core.test_promises import batch_of, build


def test_confidence_is_one_minus_the_normalised_entropy() -> None:
    p = torch.tensor([[0.7, 0.2, 0.1], [1 / 3, 1 / 3, 1 / 3], [0.98, 0.01, 0.01]])
    expected = 1 - Categorical(probs=p).entropy() / torch.tensor(3.0).log()
    assert torch.allclose(confidence(p.log()), expected.clamp_min(1e-6), atol=1e-6)


def fused(model, *opinions: list[float], without: tuple[int, ...] = ()) -> list[float]:
    """Probabilities that come of one opinion a modality."""
    experts = {name: torch.tensor([p]).log() for name, p in zip(model.names, opinions, strict=True)}
    batch = labels_of(torch.zeros(1, dtype=torch.long))
    here = {name: torch.tensor([m not in without]) for m, name in enumerate(model.names)}
    batch = type(batch)({}, here, batch.target, batch.pair, batch.index)
    return model.decide(Output(experts=experts, taught=here), batch).prediction.softmax(1)[0].tolist()


def test_the_unsure_count_less() -> None:
    model = late("late_weighted")
    assert fused(model, [0.98, 0.01, 0.01], [1 / 3, 1 / 3, 1 / 3]) == pytest.approx([0.98, 0.01, 0.01], abs=1e-4)
    assert fused(model, [0.7, 0.2, 0.1], [0.2, 0.7, 0.1]) == pytest.approx([0.45, 0.45, 0.1], abs=1e-4)


@pytest.mark.parametrize("weights", ["confidence", "learned"])
def test_who_is_absent_weighs_nothing(weights: str) -> None:
    model = late("late_weighted", weights=weights)
    assert fused(model, [0.7, 0.2, 0.1], [0.1, 0.1, 0.8], without=(1,)) == pytest.approx([0.7, 0.2, 0.1], abs=1e-5)


def test_learned_weights_find_the_mixture_that_fits_best() -> None:
    """Fixed opinions on 400 samples: EM for mixture weights, the textbook's answer, is the oracle."""
    draw = torch.Generator().manual_seed(0)
    target = torch.randint(3, (400,), generator=draw)
    noise = torch.randn(2, 400, 3, generator=draw)
    good, poor = (torch.nn.functional.one_hot(target, 3) * s + noise[m] for m, s in enumerate((2.0, 1.0)))
    likelihood = torch.stack([x.softmax(1)[torch.arange(400), target] for x in (good, poor)])  # (M, B)
    w = torch.full((2, 1), 0.5)
    for _ in range(500):
        share = w * likelihood
        w = (share / share.sum(0)).mean(1, keepdim=True)

    model = late("late_weighted", weights="learned")
    batch = labels_of(target)
    here = {name: torch.ones(400, dtype=torch.bool) for name in model.names}
    batch = type(batch)({}, here, batch.target, batch.pair, batch.index)
    output = Output(experts=dict(zip(model.names, (good, poor), strict=True)), taught=here)
    objective, optimizer = build_objective("classification", {}), torch.optim.Adam([model.scores], lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        objective(model.decide(output, batch), batch)[f"classification/{MIXTURE}"].backward()
        optimizer.step()
    assert 0.55 < float(w[0]) < 0.99  # not a trivial answer
    assert model.scores.softmax(0).tolist() == pytest.approx(w.flatten().tolist(), abs=5e-3)


def test_learned_weights_teach_no_expert() -> None:
    model, batch = build("late_weighted", weights="learned"), batch_of()
    objective = build_objective("classification", {})
    objective(model(batch), batch)[f"classification/{MIXTURE}"].backward()
    assert model.scores.grad.abs().sum() > 0
    assert all(p.grad is None for n, p in model.named_parameters() if n != "scores")
    assert set(model.parts()) == {"image", "audio", MIXTURE}
