"""Seam: two players who move in turn (as in a GAN), each with an optimiser of its own, are one update rule in one file.

The discriminator guesses from which modality an embedding comes; the encoders learn the task and to hide that.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.output import Batch
from core.seeding import initialising
from core.train import train
from core.training.gradient_step import adamw, score_values
from core.training.state import TrainState
from core.training.update_rule import UpdateRule
from tests.conftest import small_config
from tests.core.seams.recording import add_lines, assert_resumed_is_bit_equal


class Adversarial(UpdateRule):
    name = "toy_adversarial"

    def __init__(self, state: TrainState) -> None:
        super().__init__(state)
        with initialising(state.config.seed, "discriminator"):
            self.discriminator = nn.Linear(state.config.width, len(state.model.names))
        self.optimizers = {"model": adamw(state), "discriminator": torch.optim.SGD(self.parameters(), 0.1, 0.9)}
        self.logged: dict[str, Tensor] = {}

    def update(self, state: TrainState, batch: Batch, recorded: bool) -> dict[str, Tensor]:
        output = state.model(batch)
        caught = self._caught({name: z.detach() for name, z in output.z.items()})
        self._step("discriminator", caught)
        task = state.objective.total(state.objective(output, batch))
        model = task - 0.1 * self._caught(output.z)
        self._step("model", model, state)
        if recorded:
            self.logged = score_values(state.objective, output.prediction, batch)
        return {"loss/model": model, "loss/discriminator": caught}

    def log_values(self) -> dict[str, Tensor]:
        return self.logged

    def _caught(self, z: dict[str, Tensor]) -> Tensor:
        whose = torch.arange(len(z)).repeat_interleave(len(next(iter(z.values()))))
        return F.cross_entropy(self.discriminator(torch.cat(tuple(z.values()))), whose)

    def _step(self, which: str, loss: Tensor, clipped: TrainState | None = None) -> None:
        self.optimizers[which].zero_grad()
        loss.backward()
        if clipped:
            clipped.clip()
        self.optimizers[which].step()


def test_a_notebook_trains_both_players() -> None:
    steps, states = [], []
    for step in train(small_config(epochs=3), rule=Adversarial):
        steps.append(step)
        states += [step.state()] if step.state else []
    assert {"train/loss/model", "train/loss/discriminator", "train/accuracy"} <= steps[1].values.keys()
    for name in ("rule.discriminator.weight", "optimizer.model.0.exp_avg", "optimizer.discriminator.0.momentum_buffer"):
        assert not torch.equal(states[0][name], states[-1][name]), name
    plain = TrainState.build(small_config())
    assert steps[-1].result["parameters"] == plain.parameter_count() + 2 * 16 + 2, "the discriminator's are counted"


def test_it_is_recorded_and_a_resumed_run_is_bit_equal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    add_lines(monkeypatch, Adversarial)
    assert_resumed_is_bit_equal(small_config(epochs=4), tmp_path)
