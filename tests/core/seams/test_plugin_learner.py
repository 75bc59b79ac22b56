"""Seam: a package brings an update rule, a sampler and a strategy that names them; a name that nobody has is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import catalog
from core.config import RunConfig
from core.errors import ConfigError
from core.runs import run_id
from core.training.state import TrainState
from tests.conftest import SMALL

LEARNERS = """
from core.balancing.base import Strategy
from core.training.gradient_step import GradientStep
from core.training.sampler import Permutation

class Rule(GradientStep):
    name = "plug_step"

class Order(Permutation):
    name = "plug_order"

class Ours(Strategy):
    name, title, update_rule, sampler = "plug_strategy", "Ours", "plug_step", "plug_order"

class Lost(Strategy):
    name, title, update_rule, sampler = "lost", "Lost", {rule!r}, {sampler!r}
"""
SHELVES = {"strategies": "Ours Lost", "samplers": "Order", "update_rules": "Rule"}


def test_a_strategy_has_the_rule_and_sampler_of_its_package(site: Path, install) -> None:
    install("gplug", "1", LEARNERS.format(rule="", sampler=""), **SHELVES)
    config = RunConfig.make("interactions", "concat", settings={**SMALL, "strategy": "plug_strategy"})
    state = TrainState.build(config)
    assert (state.rule.name, state.sampler.name) == ("plug_step", "plug_order") and not catalog.problems()
    before = run_id(config)
    catalog.update_rule("plug_step")["source"] = "gplug 2"
    assert run_id(config) != before


@pytest.mark.parametrize("lost", ["rule", "sampler"])
def test_one_that_nobody_has_is_a_sentence_before_work_starts(site: Path, install, lost: str) -> None:
    install("hplug", "1", LEARNERS.format(**{"rule": "", "sampler": "", lost: "nobodys"}), **SHELVES)
    sentence = r"named .nobodys.; install the package that brings it, or choose one of: .*plug_"
    with pytest.raises(ConfigError, match=sentence):
        RunConfig.make("interactions", "concat", settings={**SMALL, "strategy": "lost"})
