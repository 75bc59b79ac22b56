"""Stacking: out-of-fold it learns what experts are worth, in-fold it believes what they know by heart."""

from __future__ import annotations

import math

import pytest
import torch

from core.config import RunConfig
from core.fusion.late_stacking import JUDGE, LateStacking
from core.objectives import build_objective
from core.train import train
from tests.core.test_promises import batch_of, build


class InFold(LateStacking):
    """The mistake: the judge hears the full experts on their own lessons."""

    name = "in_fold"

    def judge(self, output, opinions, present):
        return super().judge(output, self.stacked(output.experts).detach().log_softmax(2), present)


@pytest.mark.slow
def test_on_noise_it_does_not_believe_what_was_learnt_by_heart() -> None:
    """Labels that are coin flips: the best that can be said is ln 16 = 2.77. Measured 3.4 against 8.5."""
    noise = {"data.label_noise": 0.5, "data.train_noise": 1.0, "data.test_noise": 1.0}
    size = {"data.train_size": 512, "data.test_size": 500, "batch_size": 64, "epochs": 20, "learning_rate": 0.01}
    config = RunConfig.make("interactions", "late_stacking", settings=noise | size)
    lost = []
    for learner in (None, InFold):
        lost.append(list(train(config, frames=False, look=False, fusion=learner))[-1].values)
    outside, inside = (values[f"test/loss/classification/{JUDGE}"] for values in lost)
    assert lost[0]["test/loss/classification/x1"] > 5  # the experts have learnt the noise by heart
    assert outside < math.log(16) + 1 and inside > 2 * outside


def test_it_begins_as_the_geometric_mean() -> None:
    model, batch = build("late_stacking").eval(), batch_of()
    output = model(batch)
    mean = torch.stack([output.experts[name].log_softmax(1) for name in model.names]).mean(0)
    assert torch.allclose(output.prediction, mean, atol=1e-6)


def test_the_judge_teaches_no_expert() -> None:
    model, batch = build("late_stacking"), batch_of()
    build_objective("classification", {})(model(batch), batch)[f"classification/{JUDGE}"].backward()
    judging = {id(p) for p in model.parts()[JUDGE]}
    for name, parameter in model.named_parameters():
        assert (parameter.grad is not None) == (id(parameter) in judging), name


def test_every_parameter_is_clipped_in_one_part() -> None:
    model = build("late_stacking", 3)
    listed = [id(p) for parameters in model.parts().values() for p in parameters]
    assert sorted(listed) == sorted(id(p) for p in model.parameters())


def test_it_learns_that_an_expert_takes_one_class_for_another() -> None:
    """Opinions that are always one class too high: no average can mend that, a matrix can."""
    draw = torch.Generator().manual_seed(0)
    target = torch.randint(5, (256,), generator=draw)
    wrong = torch.nn.functional.one_hot((target + 1) % 5, 5) * 4.0 + torch.randn(256, 5, generator=draw)
    opinions = wrong.log_softmax(1).expand(2, 256, 5)
    model, here = build("late_stacking"), torch.ones(2, 256, dtype=torch.bool)
    output = model(batch_of(rows=256))
    optimizer = torch.optim.Adam(model.parts()[JUDGE], lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        scores = model.judge(output, opinions, here).experts[JUDGE]
        torch.nn.functional.cross_entropy(scores, target).backward()
        optimizer.step()
    assert (opinions.mean(0).argmax(1) == target).float().mean() < 0.05
    assert (model.judge(output, opinions, here).prediction.argmax(1) == target).float().mean() > 0.95
