"""RunConfig: every choice of a run, checked here once. Strings end here; the engine gets typed values.

Dotted names reach every field, the same ones on the command line, in the Full controls and in links: `batch_size`,
`fusion.rank`, `data.train_noise`, `encoder.text` (see core/catalog/encoder_names.py), `objective.weight.infonce`, `objective.infonce.temperature`, `strategy.rate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any

from core import catalog
from core.catalog import compatibility, registered
from core.catalog.encoder_names import by_setting
from core.catalog.parameters import Parameter, Value
from core.config.choice import Choice
from core.config.run_parameters import NEW_DATA, RUN_PARAMETERS
from core.errors import ConfigError

_FIELDS = {parameter.name: parameter for parameter in RUN_PARAMETERS}
RUN_FIELDS = (*_FIELDS, "strategy", "permute", "new_data")
_SINCE = {
    "new_data": False
}  # said only where chosen, so that the runs made before there was the choice keep their names
_ALWAYS = (
    "dataset",
    "fusion",
    "objective",
    *_FIELDS,
    "data_settings",
    "fusion_settings",
    "objective_settings",
)  # what every release has written


def _nothing() -> Mapping[str, Value]:
    return MappingProxyType({})


FORMAT = 1
_OWN = {"dataset": ("data", "encoder"), "fusion": ("fusion",), "objective": ("objective",)}  # the settings of each
PLACES = ("data", "encoder", "fusion", "objective", "strategy")  # the first halves of dotted names


@dataclass(frozen=True)
class RunConfig:
    """One run. Make it with `RunConfig.make`, which fills in defaults and checks; equal configs train equal curves."""

    dataset: str
    fusion: str
    objective: str
    seed: int = 0
    epochs: int = 20
    seconds: float = 0.0
    batch_size: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    clip_norm: float = 1.0
    width: int = 64
    record_every: int = 0
    threads: int = 1
    device: str = "auto"
    strategy: str = "none"
    permute: str = "none"
    new_data: bool = False
    data_settings: Mapping[str, Value] = field(default_factory=_nothing)
    encoder_settings: Mapping[str, Value] = field(default_factory=_nothing)
    fusion_settings: Mapping[str, Value] = field(default_factory=_nothing)
    objective_settings: Mapping[str, Value] = field(default_factory=_nothing)
    strategy_settings: Mapping[str, Value] = field(default_factory=_nothing)

    @classmethod
    def make(
        cls,
        dataset: str | type[Any],
        fusion: str | type[Any] | None = None,
        objective: str | type[Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> RunConfig:
        """A checked config. `settings` has dotted names; whatever is absent takes its default.

        Without a fusion or objective the data set's own default is taken, less the terms the fusion cannot have. A class of
        your own in the place of a name is registered in this process.
        """
        settings = dict(settings or {})
        data_entry = catalog.dataset(registered.name_of("datasets", dataset))
        fusion_entry = catalog.fusion(registered.name_of("fusions", fusion or data_entry["default_fusion"]))
        named = registered.name_of("objectives", objective) if objective else ""
        terms = catalog.terms(named) if named else compatibility.fitting_terms(data_entry, fusion_entry)
        _check_drawing(data_entry, settings)
        if "epochs" in settings and _FIELDS["seconds"].check(settings.get("seconds") or 0):
            raise ConfigError("epochs_and_seconds")
        choice = Choice.of(data_entry, fusion_entry, terms, settings.get("strategy", "none"))
        table = choice.parameters(settings)
        checked = _checked(by_setting(data_entry, settings, table), table)
        compatibility.check(data_entry, fusion_entry, terms, catalog.modalities(data_entry, _under("data.", checked)))
        compatibility.check_strategy(choice.strategy, fusion_entry, terms)
        compatibility.check_learners([choice.strategy, *terms])
        chosen: dict[str, Any] = {name: checked[name] for name in RUN_FIELDS if name in checked}
        chosen |= {f"{place}_settings": MappingProxyType(_under(f"{place}.", checked)) for place in PLACES}
        named = named or "+".join(term["name"] for term in terms)
        config = cls(data_entry["name"], fusion_entry["name"], named, **chosen)
        vars(config)["choice"] = choice  # what `choice` would query again
        _check_batch(config, data_entry)
        return config

    @cached_property
    def choice(self) -> Choice:
        """The entries of its names. Those of `make`, or of a copy queried once more."""
        dataset, fusion = catalog.dataset(self.dataset), catalog.fusion(self.fusion)
        return Choice.of(dataset, fusion, catalog.terms(self.objective), self.strategy)

    def using(self, **classes: type[Any] | str | None) -> RunConfig:
        """This choice with another `dataset`, `fusion` or `objective`, named or a class of your own; itself for none.

        Settings of what is replaced are left out, the others are kept.
        """
        given = {name: item for name, item in classes.items() if item is not None}
        if not given:
            return self
        heads = tuple(f"{place}." for name in given for place in _OWN[name])
        kept = {name: value for name, value in self._made_of().items() if not name.startswith(heads)}
        names = {"dataset": self.dataset, "fusion": self.fusion, "objective": self.objective}
        return RunConfig.make(**{**names, **given}, settings=kept)

    def settings(self) -> dict[str, Value]:
        """Every parameter by its dotted name."""
        names = [name for name in RUN_FIELDS if name != "new_data" or self.choice.dataset["draws"]]
        own = {name: getattr(self, name) for name in names}
        for place in PLACES:
            own |= {f"{place}.{name}": value for name, value in getattr(self, f"{place}_settings").items()}
        return own

    def changed(self) -> dict[str, Value]:
        """The parameters that differ from their defaults: what a command line or a link has to say."""
        settings = self.settings()
        table = self.choice.parameters(settings)
        return {name: value for name, value in settings.items() if value != table[name].default}

    def with_settings(self, **settings: Any) -> RunConfig:
        """A copy with some parameters changed (run-level names; use `make` for dotted ones)."""
        return RunConfig.make(self.dataset, self.fusion, self.objective, {**self._made_of(), **settings})

    def to_json(self) -> dict[str, Any]:
        """Plain data; `from_json` reads it back."""
        plain: dict[str, Any] = {"format": FORMAT}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name not in _SINCE or value != _SINCE[item.name]:
                plain[item.name] = dict(value) if isinstance(value, Mapping) else value
        return plain

    @classmethod
    def from_json(cls, data: Any) -> RunConfig:
        """A config from its plain data, checked like any other."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ConfigError("bad_config", reason=f'it lacks "format": {FORMAT}')
        missing = [name for name in _ALWAYS if name not in data]
        if missing:
            raise ConfigError("bad_config", reason=f"it lacks {', '.join(missing)}")
        odd = [name for name in ("dataset", "fusion", "objective") if not isinstance(data[name], str)]
        odd += [f"{p}_settings" for p in PLACES if not isinstance(data.get(f"{p}_settings", {}), dict)]
        if odd:
            raise ConfigError("bad_config", reason=f"its {odd[0]} cannot be read")
        settings = {name: data[name] for name in RUN_FIELDS if name in data}
        for place in PLACES:
            settings |= {f"{place}.{name}": value for name, value in data.get(f"{place}_settings", {}).items()}
        return cls.make(data["dataset"], data["fusion"], data["objective"], _budget(settings))

    def _made_of(self) -> dict[str, Value]:
        return _budget(self.settings())


def parameter_table(
    dataset: str, fusion: str, objective: str, settings: Mapping[str, Any] | None = None
) -> dict[str, Parameter]:
    """Every parameter of a choice by its dotted name, with the data set's own defaults filled in.

    `settings` matter where one parameter's choices depend on another (an optional modality that was switched on).
    """
    given = settings or {}
    terms = catalog.terms(objective)
    choice = Choice.of(catalog.dataset(dataset), catalog.fusion(fusion), terms, given.get("strategy", "none"))
    return choice.parameters(given)


def _checked(settings: Mapping[str, Any], table: dict[str, Parameter]) -> dict[str, Value]:
    unknown = [name for name in settings if name not in table]
    if unknown:
        raise ConfigError("unknown_setting", name=unknown[0], choices=", ".join(table))
    return {name: p.check(settings.get(name, p.default), name) for name, p in table.items()}


def _check_drawing(entry: catalog.Entry, settings: dict[str, Any]) -> None:
    """New training data only of a data set that can draw them; not wanting them is no choice."""
    if entry["draws"] or "new_data" not in settings:
        return
    if NEW_DATA.check(settings.pop("new_data"), "new_data"):
        names = [name for name, one in catalog.shelf("datasets").items() if one["draws"]]
        raise ConfigError("fixed_training_data", name=entry["name"], choices=", ".join(names))


def _check_batch(config: RunConfig, entry: catalog.Entry) -> None:
    """A batch larger than the data, said before work starts. `train_samples` is a number or names a data parameter."""
    count = entry["train_samples"]
    count = int(config.data_settings[count] if isinstance(count, str) else count)
    if config.batch_size > count:
        raise ConfigError("batch_too_large", value=config.batch_size, dataset=config.dataset, count=count)


def _under(prefix: str, settings: Mapping[str, Value]) -> dict[str, Value]:
    return {name.removeprefix(prefix): v for name, v in sorted(settings.items()) if name.startswith(prefix)}


def _budget(settings: dict[str, Any]) -> dict[str, Any]:
    """Epochs count only where there is no budget in seconds, so only one of them is said again."""
    dropped = "epochs" if settings.get("seconds") else "seconds"
    return {name: value for name, value in settings.items() if name != dropped}
