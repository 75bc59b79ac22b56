"""The tables of update rules and samplers: one file each, one line here; installed packages bring others.

A strategy or an objective names those it needs (`update_rule`, `sampler`); one that names none takes the default.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any

from core import catalog
from core.balancing.base import Strategy
from core.catalog.implementation import implementation
from core.catalog.registered import wrong_class
from core.errors import ConfigError, class_name, wrong_returned
from core.objectives.base import CompositeLoss, Objective
from core.training.gradient_step import GradientStep
from core.training.sampler import Permutation, Sampler
from core.training.update_rule import UpdateRule

if TYPE_CHECKING:
    from core.training.state import TrainState

UPDATE_RULES: dict[str, type[UpdateRule]] = {rule.name: rule for rule in (GradientStep,)}
SAMPLERS: dict[str, type[Sampler]] = {sampler.name: sampler for sampler in (Permutation,)}


def rule_of(strategy: Strategy, objective: CompositeLoss) -> type[UpdateRule]:
    """The rule that a choice needs; ConfigError where two parts of it need different ones, or one that does not exist."""
    name = _one([part.update_rule for part in _parts(strategy, objective)]) or GradientStep.name
    return _rule_named(name)


def sampler_of(strategy: Strategy, objective: CompositeLoss) -> type[Sampler]:
    """The sampler that a choice needs; ConfigError where two parts of it need different ones, or one that nobody has."""
    name = _one([part.sampler for part in _parts(strategy, objective)]) or Permutation.name
    return _sampler_named(name)


def rule_given(item: object) -> type[UpdateRule]:
    """The rule of a class or a name that somebody gave; ConfigError for anything else."""
    if isinstance(item, str):
        return _rule_named(item)
    if not isinstance(item, type) or not issubclass(item, UpdateRule):
        raise wrong_class(UpdateRule.shelf, item)
    return item


def sampler_given(item: object) -> type[Sampler]:
    """The sampler of a class or a name that somebody gave; ConfigError for anything else."""
    if isinstance(item, str):
        return _sampler_named(item)
    if not isinstance(item, type) or not issubclass(item, Sampler):
        raise wrong_class(Sampler.shelf, item)
    return item


def build_rule(rule: type[UpdateRule], state: TrainState) -> UpdateRule:
    """The rule of a run; ConfigError where its class takes no state or does not begin as UpdateRule does."""
    _check_init(rule, state)
    try:
        built = rule(state)
    except AttributeError as error:
        if "Module.__init__()" not in str(error):  # torch's words where a layer comes before super().__init__
            raise
        raise ConfigError("no_super", text=class_name(rule), expected="state") from error
    if not {"_modules", "optimizers"} <= vars(built).keys():
        raise ConfigError("no_super", text=class_name(rule), expected="state")
    return built


def build_sampler(sampler: type[Sampler], state: TrainState) -> Sampler:
    """The sampler of a run; ConfigError where its class takes no state or its length is no whole number from 1."""
    _check_init(sampler, state)
    built = sampler(state)
    count: object = built.__len__()  # len() has words of its own for what is no number
    if not isinstance(count, int) or count < 1:
        raise wrong_returned(built, "__len__", count, "a whole number from 1")
    return built


def check_strategy(rule: type[UpdateRule], strategy: Strategy) -> None:
    """ConfigError when the rule would leave out what the strategy does."""
    if not rule.applies_strategy and strategy.changes_steps():
        raise ConfigError("rule_without_strategy", rule=rule.name, strategy=strategy.name)


def _rule_named(name: str) -> type[UpdateRule]:
    return UPDATE_RULES.get(name) or implementation(catalog.update_rule(name))


def _sampler_named(name: str) -> type[Sampler]:
    return SAMPLERS.get(name) or implementation(catalog.sampler(name))


def _check_init(cls: Any, state: TrainState) -> None:
    try:
        signature(cls).bind(state)
    except TypeError as error:
        raise ConfigError("wrong_init", text=class_name(cls), expected="state", reason=error) from error


def _parts(strategy: Strategy, objective: CompositeLoss) -> list[Strategy | Objective]:
    return [strategy, *(term for term in objective.terms.values() if isinstance(term, Objective))]


def _one(names: Sequence[str]) -> str:
    """The only name among those given; "" where there is none."""
    first, *others = [*dict.fromkeys(filter(None, names)), ""]
    if len(others) > 1:
        raise ConfigError("two_learners", first=first, second=others[0])
    return first
