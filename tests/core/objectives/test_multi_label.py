"""Several labels against torch's loss and scikit-learn's average precision."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from sklearn.metrics import average_precision_score
from torch.nn import functional as F

from core.data.base import Modality
from core.fusion import build_model
from core.fusion.base import ModelSpec
from core.metrics.average_precision import mean_average_precision
from core.objectives import build_objective
from core.output import Output
from tests.core.objectives.cases import batch_of


def test_it_is_torchs() -> None:
    draw = torch.Generator().manual_seed(0)
    logits, labels = torch.randn(20, 5, generator=draw), (torch.rand(20, 5, generator=draw) < 0.3).float()
    batch = replace(batch_of(torch.arange(20)), targets={"labels": labels})
    plain = build_objective("multi_label", {})(Output(prediction=logits), batch)["multi_label"]
    assert float(plain) == pytest.approx(float(F.binary_cross_entropy_with_logits(logits, labels)))
    p = logits.double().sigmoid()
    by_hand = -(3 * labels * p.log() + (1 - labels) * (1 - p).log()).mean()
    heavy = build_objective("multi_label", {"multi_label.positive_weight": 3.0})(Output(prediction=logits), batch)
    assert float(heavy["multi_label"]) == pytest.approx(float(by_hand), rel=1e-5)
    whole = replace(batch, targets={"labels": labels.long()})
    assert torch.equal(build_objective("multi_label", {})(Output(prediction=logits), whole)["multi_label"], plain)


def test_ranked_1_0_1_0_is_five_sixths() -> None:
    scores, labels = torch.tensor([[4.0], [3.0], [2.0], [1.0]]), torch.tensor([[1], [0], [1], [0]])
    assert float(mean_average_precision(scores, labels)) == pytest.approx(5 / 6)
    assert average_precision_score([1, 0, 1, 0], [4, 3, 2, 1]) == pytest.approx(5 / 6)


@pytest.mark.parametrize("steps", [3, 1000000])
def test_map_is_scikit_learns(steps: int) -> None:
    """With few steps most scores are tied."""
    draw = torch.Generator().manual_seed(0)
    scores = torch.randint(steps, (60, 7), generator=draw).float()
    labels = (torch.rand(60, 7, generator=draw) < 0.3).long()
    wanted = average_precision_score(labels.numpy(), scores.numpy(), average="macro")
    assert float(mean_average_precision(scores, labels)) == pytest.approx(wanted, abs=1e-6)


def test_labels_that_nobody_has_do_not_count() -> None:
    scores, labels = torch.rand(10, 3), torch.zeros(10, 3, dtype=torch.long)
    assert float(mean_average_precision(scores, labels)) == 0
    labels[0, 1] = 1
    scores[0, 1] = 2
    assert float(mean_average_precision(scores, labels)) == 1


def test_a_fusion_learns_labels_from_both_senses() -> None:
    draw = torch.Generator().manual_seed(0)
    inputs = {name: torch.randn(256, 3, generator=draw) for name in ("a", "b")}
    labels = torch.cat([inputs["a"][:, :2] > 0.5, inputs["b"][:, :2] > 0.5], 1).long()
    batch = replace(batch_of(torch.arange(256)), inputs=inputs, targets={"labels": labels})
    model = build_model("concat", ModelSpec({n: Modality("features", (3,)) for n in inputs}, 16, 4, 0))
    objective = build_objective("multi_label", {})
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    before = objective.target.judge(model(batch).prediction.detach(), batch, None)["map"]
    for _ in range(150):
        optimizer.zero_grad()
        objective.total(objective(model(batch), batch)).backward()
        optimizer.step()
    after = objective.target.judge(model(batch).prediction.detach(), batch, None)["map"]
    assert before < 0.6 and after > 0.95
