"""Seam: a learner that learns to learn (MAML) is a sampler of episodes and an update rule, in one file."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
import torch

from core.fusion.base import Fusion
from core.output import Batch
from core.seeding import generator
from core.train import train
from core.training.batches import whole
from core.training.gradient_step import GradientStep
from core.training.sampler import Sampler
from core.training.state import TrainState
from tests.conftest import small_config
from tests.core.seams.recording import add_lines, assert_resumed_is_bit_equal

SHOTS, INNER, RATE = 32, 3, 0.1


class Episodes(Sampler):
    name = "toy_episodes"

    def __len__(self) -> int:
        return 4

    def epoch(self, state: TrainState, epoch: int) -> Iterator[list[Batch]]:
        draw, train = generator(state.config.seed, "episodes", str(epoch)), whole(state.task.train)
        for _ in range(4):
            yield [train.rows(rows) for rows in torch.randperm(state.train_size, generator=draw).split(SHOTS)[:2]]


class Maml(GradientStep):
    name = "toy_maml"
    applies_strategy = False

    def update(self, state: TrainState, episode: list[Batch], recorded: bool) -> dict[str, torch.Tensor]:
        outer = loss(state, adapted(state, episode[0]), episode[1])
        state.optimizer.zero_grad()
        outer.backward()
        state.clip()
        state.optimizer.step()
        return {"loss": outer}

    def for_evaluation(self, state: TrainState) -> Fusion:
        model = deepcopy(state.model)
        model.load_state_dict(adapted(state, whole(state.task.train).rows(slice(0, SHOTS))), strict=False)
        return model


def loss(state: TrainState, weights: dict[str, torch.Tensor], batch: Batch) -> torch.Tensor:
    return state.objective.total(state.objective(torch.func.functional_call(state.model, weights, (batch,)), batch))


def adapted(state: TrainState, support: Batch) -> dict[str, torch.Tensor]:
    weights = dict(state.model.named_parameters())
    for _ in range(INNER):
        slopes = torch.func.grad(lambda w: loss(state, w, support))(weights)
        weights = {name: w - RATE * slopes[name] for name, w in weights.items()}
    return weights


def test_a_notebook_trains_it_and_evaluation_adapts_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = list(train(small_config(), rule=Maml, sampler=Episodes))
    assert ours[-1].step == 8 and ours[-2].values["train/loss"] < ours[1].values["train/loss"]
    monkeypatch.setattr(Maml, "for_evaluation", GradientStep.for_evaluation)
    plain = list(train(small_config(), rule=Maml, sampler=Episodes))
    assert [s.values.get("train/loss") for s in ours] == [s.values.get("train/loss") for s in plain]
    assert ours[0].values["test/loss"] < plain[0].values["test/loss"], "three inner steps help before any training"


def test_it_is_recorded_and_a_resumed_run_is_bit_equal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    add_lines(monkeypatch, Maml, Episodes)
    assert_resumed_is_bit_equal(small_config(epochs=4), tmp_path)
