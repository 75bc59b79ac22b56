"""Update rules and samplers: what a choice needs, what is refused, what lies in a checkpoint."""

from __future__ import annotations

import pytest

from core.balancing import STRATEGIES
from core.balancing.base import STEPS, Strategy
from core.balancing.none import Plain
from core.errors import ConfigError
from core.objectives import OBJECTIVES
from core.train import train
from core.training.gradient_step import GradientStep
from core.training.learners import SAMPLERS, UPDATE_RULES
from core.training.multi_seed import quicker
from core.training.sampler import Permutation
from core.training.state import TrainState
from core.training.update_rule import UpdateRule
from tests.conftest import small_config


class Other(UpdateRule):
    name = "other"


class Short(Permutation):
    name = "short"

    def __len__(self) -> int:
        return super().__len__() + 1


def test_steps_are_all_that_a_strategy_may_override() -> None:
    methods = {n for n, value in vars(Strategy).items() if callable(value) and not n.startswith("_")}
    assert set(STEPS) == methods and not Plain.changes_steps()
    assert all(strategy.changes_steps() for name, strategy in STRATEGIES.items() if name != "none")


def test_a_rule_that_leaves_out_the_strategy_is_refused() -> None:
    with pytest.raises(ConfigError, match="leaves out what the strategy modality_dropout does"):
        TrainState.build(small_config(strategy="modality_dropout"), rule=Other)
    assert isinstance(TrainState.build(small_config(), rule=Other).rule, Other)


def test_two_parts_that_need_different_rules_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UPDATE_RULES, "other", Other)
    monkeypatch.setattr(OBJECTIVES["infonce"], "update_rule", "other")
    config = small_config(objective="classification+infonce")
    assert isinstance(TrainState.build(config).rule, Other)
    monkeypatch.setattr(Plain, "update_rule", "gradient_step")
    with pytest.raises(ConfigError, match="gradient_step and other would both decide"):
        TrainState.build(config)


def test_names_are_those_of_the_tables() -> None:
    assert all(name == rule.name for name, rule in (*UPDATE_RULES.items(), *SAMPLERS.items()))
    state = TrainState.build(small_config())
    assert isinstance(state.rule, GradientStep) and isinstance(state.sampler, Permutation)


@pytest.mark.parametrize("part", ["update_rule", "sampler"])
def test_that_seeds_can_be_stacked_is_not_inherited(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert quicker(small_config())
    table, base = {"update_rule": (UPDATE_RULES, GradientStep), "sampler": (SAMPLERS, Permutation)}[part]
    monkeypatch.setitem(table, "own", type("Own", (base,), {"name": "own"}))
    monkeypatch.setattr(Plain, part, "own")
    assert not quicker(small_config())


def test_a_sampler_that_gives_another_number_than_it_says_is_told() -> None:
    with pytest.raises(ConfigError, match="gave 4 items, but its __len__ says 5"):
        list(train(small_config(epochs=1), sampler=Short))


def test_the_default_rule_keeps_the_names_of_old_checkpoints() -> None:
    *_, last = (step.state() for step in train(small_config(epochs=1), look=False) if step.state)
    assert {"optimizer.0.exp_avg", "optimizer.0.exp_avg_sq", "optimizer.0.step", "epochs"} <= last.keys()
    assert not [name for name in last if name.startswith("rule.")]


def test_another_model_is_evaluated_and_nothing_else_changes() -> None:
    state, other = TrainState.build(small_config()), TrainState.build(small_config(seed=1)).model
    state.clip()
    assert state.with_model(state.model) is state
    changed = state.with_model(other)
    assert changed.model is other and state.model is not other and changed.rule is state.rule
    assert changed.modality_parameters()["x1"][0] is other.modality_parameters()["x1"][0]
