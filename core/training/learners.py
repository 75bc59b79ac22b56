"""The tables of update rules and samplers: one file each, one line here; installed packages bring others.

A strategy or an objective names those it needs (`update_rule`, `sampler`); one that names none takes the default.
"""

from __future__ import annotations

from collections.abc import Sequence

from core import catalog
from core.balancing.base import Strategy
from core.catalog.implementation import implementation
from core.errors import ConfigError
from core.objectives.base import CompositeLoss, Objective
from core.training.gradient_step import GradientStep
from core.training.sampler import Permutation, Sampler
from core.training.update_rule import UpdateRule

UPDATE_RULES: dict[str, type[UpdateRule]] = {rule.name: rule for rule in (GradientStep,)}
SAMPLERS: dict[str, type[Sampler]] = {sampler.name: sampler for sampler in (Permutation,)}


def rule_of(strategy: Strategy, objective: CompositeLoss) -> type[UpdateRule]:
    """The rule that a choice needs; ConfigError where two parts of it need different ones, or one that does not exist."""
    name = _one([part.update_rule for part in _parts(strategy, objective)]) or GradientStep.name
    return UPDATE_RULES.get(name) or implementation(catalog.update_rule(name))


def sampler_of(strategy: Strategy, objective: CompositeLoss) -> type[Sampler]:
    """The sampler that a choice needs; ConfigError where two parts of it need different ones, or one that nobody has."""
    name = _one([part.sampler for part in _parts(strategy, objective)]) or Permutation.name
    return SAMPLERS.get(name) or implementation(catalog.sampler(name))


def check_strategy(rule: type[UpdateRule], strategy: Strategy) -> None:
    """ConfigError when the rule would leave out what the strategy does."""
    if not rule.applies_strategy and strategy.changes_steps():
        raise ConfigError("rule_without_strategy", rule=rule.name, strategy=strategy.name)


def _parts(strategy: Strategy, objective: CompositeLoss) -> list[Strategy | Objective]:
    return [strategy, *(term for term in objective.terms.values() if isinstance(term, Objective))]


def _one(names: Sequence[str]) -> str:
    """The only name among those given; "" where there is none."""
    first, *others = [*dict.fromkeys(filter(None, names)), ""]
    if len(others) > 1:
        raise ConfigError("two_learners", first=first, second=others[0])
    return first
