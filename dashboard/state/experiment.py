"""The experiment that pages share: data, fusion, objective and the parameters that differ from their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core import catalog
from core.catalog import compatibility
from core.catalog.encoder_names import by_setting
from core.catalog.parameters import Parameter
from core.config import RunConfig, parameter_table
from core.errors import ConfigError, FusionariumError
from dashboard.state.fields import mapping, name

OF_METHODS = ("fusion.", "objective.", "strategy")  # how settings begin that belong to one method


@dataclass(frozen=True)
class Experiment:
    """`settings` maps dotted names to values; `objective` "" is what fits data and fusion best."""

    dataset: str = name("av_digits", catalog.dataset)
    fusion: str = name("concat", catalog.fusion)
    objective: str = name("", catalog.terms)
    settings: Mapping[str, Any] = mapping("set.")

    def effective_objective(self) -> str:
        """The chosen objective, or what `auto` stands for with this data set and fusion."""
        return self.objective or compatibility.fitting_objective(
            catalog.dataset(self.dataset), catalog.fusion(self.fusion)
        )

    def parameters(self, settings: Mapping[str, Any] | None = None) -> dict[str, Parameter]:
        """Every parameter of the choice by its dotted name."""
        return parameter_table(
            self.dataset, self.fusion, self.effective_objective(), self.settings if settings is None else settings
        )

    def shared_settings(self) -> dict[str, Any]:
        """The settings that mean the same whichever method is trained."""
        return {n: value for n, value in self.settings.items() if not n.startswith(OF_METHODS)}

    def configs(self, seeds: int) -> list[RunConfig]:
        """One config per seed; ConfigError for an invalid choice."""
        first = int(self.settings.get("seed", 0))
        return [
            RunConfig.make(self.dataset, self.fusion, self.objective or None, {**self.settings, "seed": first + i})
            for i in range(seeds)
        ]

    def settled(self) -> tuple[Experiment, list[FusionariumError]]:
        """What fits of a link's fields together, and why the rest does not: the objective, then each setting's text."""
        fitting, problems = self._with_fitting_objective()
        texts = by_setting(catalog.dataset(self.dataset), fitting.settings)
        kept: dict[str, Any] = {}
        for label, text in tuple(texts.items()):
            try:
                table = fitting.parameters({**texts, **kept})
                if label not in table:
                    raise ConfigError("unknown_setting", name=label, choices=", ".join(table))
                kept[label] = table[label].check(text, label)
            except ConfigError as error:
                problems.append(error)
                texts.pop(label)
        return replace(fitting, settings=kept), problems

    def _with_fitting_objective(self) -> tuple[Experiment, list[FusionariumError]]:
        try:
            RunConfig.make(self.dataset, self.fusion, self.objective or None)
        except ConfigError as error:
            if error.key != "batch_too_large":  # that depends on settings, which come later
                return replace(self, objective=""), [error]
        return self, []
