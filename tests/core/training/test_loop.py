"""The loop: the same seed gives the same curve, a NaN is named, what was asked for is what is run."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.data.loading import load_task
from core.errors import TrainingError
from core.fusion import FUSIONS
from core.objectives import OBJECTIVES
from core.train import train
from core.training.state import TrainState
from tests.conftest import epochs_of, small_config


def curve(config, **options) -> list[tuple[int, dict[str, float]]]:
    return [(step.step, step.values) for step in train(config, **options)]


def test_same_seed_same_curve_bit_for_bit() -> None:
    assert curve(small_config()) == curve(small_config())


def test_another_seed_differs() -> None:
    assert curve(small_config()) != curve(small_config(seed=1))


def test_looking_changes_nothing() -> None:
    """Pictures and validation draw nothing random: the training is the same without them."""
    recorded = {s.step: s.values["train/loss"] for s in train(small_config()) if "train/loss" in s.values}
    blind = {
        s.step: s.values["train/loss"]
        for s in train(small_config(), frames=False, look=False)
        if "train/loss" in s.values
    }
    assert recorded == blind


def test_epochs_asked_are_epochs_run() -> None:
    steps = list(train(small_config(epochs=3, batch_size=100)))
    assert steps[-1].epoch == 3 and steps[-1].step == 3 * math.ceil(256 / 100)
    assert [s.epoch for s in steps if s.frame is not None] == [0, 1, 2, 3]


def test_a_record_every_k_steps() -> None:
    steps = [s.step for s in train(small_config(batch_size=16, record_every=5, epochs=1))]
    assert steps == [0, 5, 10, 15, 16, 16]


def test_a_budget_in_seconds_is_kept() -> None:
    steps = list(train(small_config(seconds=0.5)))
    assert 0.5 <= steps[-1].seconds < 5 and steps[-1].epoch >= 1


def test_records_tell_who_is_taught() -> None:
    last = [s for s in train(small_config()) if "train/loss" in s.values][-1]
    assert last.values["gradient/x1"] > 0 and last.values["gradient/x2"] > 0


def test_a_frame_is_the_validation_pass() -> None:
    frame = next(iter(train(small_config()))).frame
    assert frame is not None and frame.z.shape == (2, 64, 16) and frame.z.dtype == np.float16
    assert frame.blocks["prediction"].shape == (64,)


def test_contrastive_runs_have_no_accuracy_but_probes() -> None:
    last = list(train(small_config(objective="infonce")))[-1]
    assert "test/accuracy" not in last.values and "test/recall@1" in last.values
    assert 0 <= last.values["test/probe/linear"] <= 1 and 0 <= last.values["test/probe/knn"] <= 1


def test_a_nan_names_step_and_term(monkeypatch: pytest.MonkeyPatch) -> None:
    build = TrainState.build.__func__

    def poisoned(cls, *choices):
        state = build(cls, *choices)
        forward = type(state.objective).forward

        def terms(self, output, batch):
            values = forward(self, output, batch)
            terms.calls += 1
            return {n: v * (float("nan") if terms.calls == 4 else 1.0) for n, v in values.items()}

        terms.calls = -1  # the first call is validation's
        monkeypatch.setattr(type(state.objective), "forward", terms)
        return state

    monkeypatch.setattr(TrainState, "build", classmethod(poisoned))
    with pytest.raises(TrainingError, match=r"loss/classification became nan at step 4"):
        list(train(small_config(record_every=3)))


LATE = [name for name, f in FUSIONS.items() if f.stage == "decision" and not f.joint]


@pytest.mark.parametrize("objective", [name for name, o in OBJECTIVES.items() if o.target == "class"])
@pytest.mark.parametrize("fusion", LATE)
def test_late_means_late(fusion: str, objective: str) -> None:
    """Each expert of a late method is bit-equal to the run of that modality alone, under the same objective."""
    together = _final_state(small_config(fusion, objective))
    for modality in ("x1", "x2"):
        alone = _final_state(small_config("only", objective, fusion__modality=modality))
        for name, value in alone.items():
            assert torch.equal(together[name], value), name


def _final_state(config) -> dict[str, torch.Tensor]:
    states = [step.state() for step in epochs_of(config) if step.state is not None]
    return {name: value for name, value in states[-1].items() if name.startswith("model.")}


def test_a_continued_run_is_bit_equal() -> None:
    config = small_config(epochs=4, objective="classification+infonce")
    whole = list(train(config))
    middle = next(s.state() for s in whole_again(config) if s.epoch == 2 and s.state is not None)
    rest = list(train(config, resume=middle))
    assert [(s.step, s.values) for s in whole if s.step > rest[0].step - 1][-len(rest) :] == [
        (s.step, s.values) for s in rest
    ]


def whole_again(config):
    """A generator, so that `state` is read while it is the state of that step."""
    yield from train(config)


def test_a_task_of_ones_own_takes_the_place_of_the_data() -> None:
    """The config's own task given by hand trains the same curve; another task trains what a config that names it would."""
    plain, other = small_config(epochs=1), small_config(epochs=1, data__seed=1)
    own, others = (load_task(config.dataset, dict(config.data_settings)) for config in (plain, other))
    assert curve(plain) == curve(plain, task=own)
    assert curve(plain, task=others) == curve(other) != curve(plain)
