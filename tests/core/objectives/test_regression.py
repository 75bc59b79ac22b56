"""Regression against torch's losses and scikit-learn's R2; a small network learns a number."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from sklearn.metrics import mean_absolute_error, r2_score
from torch.nn import functional as F

from core.data.base import Modality
from core.fusion import build_model
from core.fusion.base import ModelSpec
from core.metrics.regression import r2
from core.objectives import build_objective
from core.output import Batch, Output
from tests.core.objectives.cases import batch_of


def numbers(rows: int = 40, seed: int = 0) -> tuple[torch.Tensor, Batch]:
    draw = torch.Generator().manual_seed(seed)
    truth = torch.randn(rows, 2, generator=draw) * 3
    batch = replace(batch_of(torch.arange(rows)), targets={"value": truth})
    return truth + torch.randn(rows, 2, generator=draw), batch


def test_it_is_torchs() -> None:
    predicted, batch = numbers()
    truth = batch.targets["value"]
    found = build_objective("regression", {})(Output(prediction=predicted), batch)["regression"]
    assert float(found) == pytest.approx(float(((predicted - truth) ** 2).mean()), rel=1e-6)
    huber = build_objective("regression", {"regression.huber": 0.5})(Output(prediction=predicted), batch)["regression"]
    assert float(huber) == pytest.approx(float(F.huber_loss(predicted, truth, delta=0.5)))
    assert float(huber) != float(found)


def test_it_judges_as_scikit_learn_does() -> None:
    predicted, batch = numbers()
    truth = batch.targets["value"].numpy()
    judge = build_objective("regression", {}).target
    found = judge.judge(predicted, batch, None)
    assert found["r2"] == pytest.approx(r2_score(truth, predicted.numpy()), abs=1e-5)
    assert found["mae"] == pytest.approx(mean_absolute_error(truth, predicted.numpy()), abs=1e-5)
    assert float(judge.score(predicted, batch)) == pytest.approx(found["r2"])
    assert judge.metric == "r2" and judge.shown(predicted) == {"value": predicted}


@pytest.mark.parametrize(("predicted", "wanted"), [([[2.0], [2.0]], 1.0), ([[2.0], [3.0]], 0.0)])
def test_a_constant_truth_has_an_r2(predicted: list[list[float]], wanted: float) -> None:
    assert float(r2(torch.tensor(predicted), torch.tensor([[2.0], [2.0]]))) == wanted
    assert r2_score([2.0, 2.0], [row[0] for row in predicted]) == wanted


def test_the_mean_scores_nothing_and_worse_is_below() -> None:
    truth = torch.tensor([[1.0], [2.0], [3.0]])
    assert float(r2(torch.full((3, 1), 2.0), truth)) == pytest.approx(0, abs=1e-6)
    assert float(r2(-truth, truth)) < -1


@pytest.mark.parametrize("huber", [0.0, 0.5])
def test_a_fusion_learns_a_number_that_needs_both_senses(huber: float) -> None:
    draw = torch.Generator().manual_seed(0)
    inputs = {name: torch.randn(256, 3, generator=draw) for name in ("a", "b")}
    truth = (inputs["a"][:, :1] + inputs["b"][:, 1:2]) / 2**0.5
    batch = replace(batch_of(torch.arange(256)), inputs=inputs, targets={"value": truth})
    model = build_model("concat", ModelSpec({n: Modality("features", (3,)) for n in inputs}, 16, 1, 0))
    objective = build_objective("regression", {"regression.huber": huber})
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(150):
        optimizer.zero_grad()
        objective.total(objective(model(batch), batch)).backward()
        optimizer.step()
    assert objective.target.judge(model(batch).prediction.detach(), batch, None)["r2"] > 0.95
