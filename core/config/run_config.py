"""RunConfig: every choice of a run, checked here once. Strings end here; the engine gets typed values.

Dotted names reach every field, the same ones on the command line, in the Full controls and in links: `batch_size`,
`fusion.rank`, `data.train_noise`, `encoder.text` (see core/catalog/encoder_names.py), `objective.weight.infonce`, `objective.infonce.temperature`, `strategy.rate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from core import catalog
from core.catalog import compatibility
from core.catalog.encoder_names import by_setting
from core.catalog.localized import Localized
from core.catalog.parameters import Parameter, Value
from core.errors import ConfigError

RUN_PARAMETERS = (
    Parameter("seed", "int", 0, 0, 2**31 - 1, title=Localized("seed", "随机种子")),
    Parameter("epochs", "int", 20, 1, 1000, basic=True, title=Localized("epochs", "训练轮数")),
    Parameter(
        "seconds", "float", 0.0, 0.0, 3600.0, unit="s", title=Localized("time budget", "时间预算")
    ),  # 0: no budget, epochs decide
    Parameter("batch_size", "int", 128, 1, 4096, scale="log", title=Localized("batch size", "批大小")),
    Parameter("learning_rate", "float", 3e-3, 1e-6, 1.0, scale="log", title=Localized("learning rate", "学习率")),
    Parameter("weight_decay", "float", 1e-4, 0.0, 1.0, title=Localized("weight decay", "权重衰减")),
    Parameter("clip_norm", "float", 1.0, 1e-3, 1000.0, scale="log", title=Localized("gradient clip", "梯度裁剪")),
    Parameter("width", "int", 64, 4, 512, scale="log", title=Localized("embedding width", "嵌入宽度")),
    Parameter(
        "record_every", "int", 0, 0, 1000, unit="steps", title=Localized("record every", "记录间隔")
    ),  # 0: ten records an epoch
    Parameter("threads", "int", 1, 1, 64, title=Localized("threads", "线程数")),
    Parameter("device", "choice", "auto", choices=("auto", "cuda", "mps", "cpu"), title=Localized("device", "设备")),
)
NEW_DATA = Parameter(
    "new_data", "bool", False, title=Localized("new training data per seed", "每个种子使用新的训练数据")
)
_PERMUTE = Localized("shuffle a modality (control)", "打乱一种模态（对照）")
_STRATEGY = Localized("strategy", "训练策略")
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
        dataset: str,
        fusion: str | None = None,
        objective: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> RunConfig:
        """A checked config. `settings` has dotted names; whatever is absent takes its default.

        Without a fusion or objective the data set's own default is taken, less the terms the fusion cannot have.
        """
        settings = dict(settings or {})
        data_entry = catalog.dataset(dataset)
        fusion_entry = catalog.fusion(fusion or data_entry["default_fusion"])
        objective = objective or compatibility.fitting_objective(data_entry, fusion_entry)
        _check_drawing(data_entry, settings)
        if "epochs" in settings and _FIELDS["seconds"].check(settings.get("seconds") or 0):
            raise ConfigError("epochs_and_seconds")
        table = parameter_table(dataset, fusion_entry["name"], objective, settings)
        checked = _checked(by_setting(data_entry, settings, table), table)
        data = _under("data.", checked)
        compatibility.check(data_entry, fusion_entry, catalog.terms(objective), catalog.modalities(data_entry, data))
        compatibility.check_strategy(catalog.strategy(str(checked["strategy"])), fusion_entry, catalog.terms(objective))
        chosen: dict[str, Any] = {name: checked[name] for name in RUN_FIELDS if name in checked}
        chosen |= {f"{place}_settings": MappingProxyType(_under(f"{place}.", checked)) for place in PLACES}
        config = cls(dataset=dataset, fusion=fusion_entry["name"], objective=objective, **chosen)
        _check_batch(config, data_entry)
        return config

    def settings(self) -> dict[str, Value]:
        """Every parameter by its dotted name."""
        names = [name for name in RUN_FIELDS if name != "new_data" or catalog.dataset(self.dataset)["draws"]]
        own = {name: getattr(self, name) for name in names}
        for place in PLACES:
            own |= {f"{place}.{name}": value for name, value in getattr(self, f"{place}_settings").items()}
        return own

    def changed(self) -> dict[str, Value]:
        """The parameters that differ from their defaults: what a command line or a link has to say."""
        table = parameter_table(self.dataset, self.fusion, self.objective, self.settings())
        return {name: value for name, value in self.settings().items() if value != table[name].default}

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
    entry = catalog.dataset(dataset)
    table = {name: _with_default(parameter, entry) for name, parameter in _FIELDS.items()}
    table |= {f"data.{p.name}": p for p in catalog.parameters(entry)}
    switches = {
        p.name: p.check((settings or {}).get(f"data.{p.name}", p.default), f"data.{p.name}")
        for p in catalog.parameters(entry)
        if p.kind == "bool"
    }
    modalities = catalog.modalities(entry, switches)
    table["permute"] = Parameter("permute", "choice", "none", choices=("none", *modalities), title=_PERMUTE)
    if entry["draws"]:
        table["new_data"] = NEW_DATA
    table |= {f"encoder.{p.name}": p for p in catalog.encoder_choices(entry, modalities)}
    table |= {f"fusion.{p.name}": p.among(modalities) for p in catalog.parameters(catalog.fusion(fusion))}
    terms = catalog.terms(objective)
    for term in terms:
        if len(terms) > 1:
            table[f"objective.weight.{term['name']}"] = _weight(term)
        table |= {f"objective.{term['name']}.{p.name}": p for p in catalog.parameters(term)}
    table["strategy"] = Parameter(
        "strategy", "choice", "none", choices=tuple(catalog.names("strategies")), title=_STRATEGY
    )
    chosen = str(table["strategy"].check((settings or {}).get("strategy", "none"), "strategy"))
    return table | {f"strategy.{p.name}": p.among(modalities) for p in catalog.parameters(catalog.strategy(chosen))}


def _weight(term: catalog.Entry) -> Parameter:
    """The weight of one of several terms."""
    of = {language: catalog.text(term, language=language) for language in ("en", "zh")}
    title = Localized(f"weight of {of['en']}", f"{of['zh']} 的权重")
    return Parameter(f"weight.{term['name']}", "float", 1.0, 0.0, 100.0, title=title)


def _with_default(parameter: Parameter, entry: catalog.Entry) -> Parameter:
    """A data set may bring its own default of a run's parameter (`default_epochs`, `default_batch_size`, ...)."""
    own = entry.get(f"default_{parameter.name}")
    return parameter if own is None else Parameter.from_json({**parameter.to_json(), "default": own})


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
        names = [one["name"] for one in catalog.catalog()["datasets"] if one["draws"]]
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
