"""What people forget in a class of their own is a sentence that names the class and the method."""

from __future__ import annotations

import pytest
import torch

from core.catalog.registered import registered
from core.config import RunConfig
from core.errors import ConfigError
from core.fusion.base import FeatureFusion
from core.objectives.base import Objective
from core.train import train
from core.training.gradient_step import GradientStep
from core.training.sampler import Permutation
from core.training.update_rule import UpdateRule
from tests.conftest import small_config
from tests.core.seams.test_notebook_fusion import SMALL, Loudest, last


def forgets(self, z, tokens, present):
    sum(z.values())


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"fuse": FeatureFusion.fuse}, r"Mine needs a method fuse\(self, z, tokens, present\)"),
        ({"fuse": forgets}, r"fuse of the class Mine returned None, expected Tensor\(64, 64\)"),
        ({"fuse": lambda self, z, tokens, present: torch.cat(list(z.values()), 1)}, r"returned Tensor\(64, 128\)"),
        ({"__init__": FeatureFusion.__init__}, r"built as Mine\(spec, gain\), and its __init__ does not take that"),
    ],
)
def test_what_people_forget_is_a_sentence_that_names_class_and_method(own: dict[str, object], sentence: str) -> None:
    mine = type("Mine", (Loudest,), {"name": "mine", **own})
    with registered(), pytest.raises(ConfigError, match=sentence):
        last(RunConfig.make("interactions", mine, settings={**SMALL, "width": 64, "batch_size": 64}))
    with registered(), pytest.raises(ConfigError, match=r"Loudest\(\) does not belong to the fusions"):
        RunConfig.make("interactions", Loudest.__new__(Loudest))


def test_an_objective_or_a_rule_that_returns_something_else_is_named() -> None:
    objective = type(
        "Mine", (Objective,), {"name": "mine", "forward": lambda self, output, batch: output.z["x1"].mean()}
    )
    rule = type("Rule", (UpdateRule,), {"name": "rule", "update": lambda self, state, batch, recorded: None})
    with (
        registered(),
        pytest.raises(ConfigError, match=r"forward of the class Mine returned Tensor\(\), expected a dict"),
    ):
        list(train(small_config(), objective=objective))
    with pytest.raises(ConfigError, match="update of the class Rule returned None"):
        list(train(small_config(), rule=rule))


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"epoch": lambda self, state, epoch: None}, "epoch of the class Mine returned None"),
        ({"epoch": lambda self, state, epoch: [None] * 9}, "returned None, expected items that are not None"),
        ({"epoch": lambda self, state, epoch: []}, r"gave 0 items, but its __len__ says \d+; let both agree"),
        ({"__len__": lambda self: 1}, "gave 2 items, but its __len__ says 1"),
        ({"__len__": lambda self: 0}, "__len__ of the class Mine returned 0, expected a whole number from 1"),
        ({"__init__": lambda self: None}, r"built as Mine\(state\)"),
    ],
)
def test_a_sampler_that_gives_something_else_is_named(own: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        list(train(small_config(), sampler=type("Mine", (Permutation,), {"name": "mine", **own})))


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"__init__": lambda self, state: None}, r"does not begin with super\(\).__init__\(state\)"),
        ({"__init__": lambda self, state: setattr(self, "net", torch.nn.Linear(1, 1))}, "does not begin with super"),
        ({"__init__": lambda self: None}, r"built as Mine\(state\)"),
        ({"for_evaluation": lambda self, state: None}, "for_evaluation of the class Mine returned None"),
    ],
)
def test_a_rule_that_is_not_built_as_one_is_named(own: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        list(train(small_config(), rule=type("Mine", (GradientStep,), {"name": "mine", **own})))


def test_a_rule_or_a_sampler_is_given_by_class_or_name() -> None:
    for given, sentence in (
        ("nope", "no update rule named 'nope'"),
        (3, r"int\(\) does not belong to the update_rules"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            list(train(small_config(), rule=given))
    with pytest.raises(ConfigError, match="GradientStep does not belong to the samplers"):
        list(train(small_config(), sampler=GradientStep))
    named = list(train(small_config(), rule="gradient_step", sampler="permutation"))
    assert named[-1].values == list(train(small_config()))[-1].values
