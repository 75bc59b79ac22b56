"""The entries that a run is made of. The catalogue is queried once, when a config is made; then they are passed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import catalog
from core.catalog import Entry
from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.config.run_parameters import NEW_DATA, RUN_PARAMETERS

_PERMUTE = Localized("shuffle a modality (control)", "打乱一种模态（对照）")
_STRATEGY = Localized("strategy", "训练策略")


@dataclass(frozen=True)
class Choice:
    """Data set, fusion, the terms of the objective and strategy, as entries."""

    dataset: Entry
    fusion: Entry
    terms: tuple[Entry, ...]
    strategy: Entry
    strategies: tuple[str, ...]  # the names to choose from

    @classmethod
    def of(cls, dataset: Entry, fusion: Entry, terms: list[Entry], strategy: Any) -> Choice:
        """With the strategy of a name that somebody gave; ConfigError where there is none of it."""
        strategies = catalog.shelf("strategies")
        chosen = str(_strategy_parameter(tuple(strategies)).check(strategy, "strategy"))
        return cls(dataset, fusion, tuple(terms), strategies[chosen], tuple(strategies))

    def parameters(self, settings: Mapping[str, Any]) -> dict[str, Parameter]:
        """Every parameter by its dotted name, with the data set's own defaults filled in.

        `settings` matter where one parameter's choices depend on another (an optional modality that was switched on).
        """
        data = catalog.parameters(self.dataset)
        switches = {
            p.name: p.check(settings.get(f"data.{p.name}", p.default), f"data.{p.name}")
            for p in data
            if p.kind == "bool"
        }
        modalities = catalog.modalities(self.dataset, switches)
        table = {parameter.name: _with_default(parameter, self.dataset) for parameter in RUN_PARAMETERS}
        table |= {f"data.{p.name}": p for p in data}
        table["permute"] = Parameter("permute", "choice", "none", choices=("none", *modalities), title=_PERMUTE)
        if self.dataset["draws"]:
            table["new_data"] = NEW_DATA
        table |= {f"encoder.{p.name}": p for p in catalog.encoder_choices(self.dataset, modalities)}
        table |= {f"fusion.{p.name}": p.among(modalities) for p in catalog.parameters(self.fusion)}
        for term in self.terms:
            if len(self.terms) > 1:
                table[f"objective.weight.{term['name']}"] = _weight(term)
            table |= {f"objective.{term['name']}.{p.name}": p for p in catalog.parameters(term)}
        table["strategy"] = _strategy_parameter(self.strategies)
        return table | {f"strategy.{p.name}": p.among(modalities) for p in catalog.parameters(self.strategy)}


def _strategy_parameter(names: tuple[str, ...]) -> Parameter:
    return Parameter("strategy", "choice", "none", choices=names, title=_STRATEGY)


def _weight(term: Entry) -> Parameter:
    """The weight of one of several terms."""
    of = {language: catalog.text(term, language=language) for language in ("en", "zh")}
    title = Localized(f"weight of {of['en']}", f"{of['zh']} 的权重")
    return Parameter(f"weight.{term['name']}", "float", 1.0, 0.0, 100.0, title=title)


def _with_default(parameter: Parameter, entry: Entry) -> Parameter:
    """A data set may bring its own default of a run's parameter (`default_epochs`, `default_batch_size`, ...)."""
    own = entry.get(f"default_{parameter.name}")
    return parameter if own is None else Parameter.from_json({**parameter.to_json(), "default": own})
