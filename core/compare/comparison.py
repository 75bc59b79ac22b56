"""A comparison: which fusions, on which data, with which objective, over how many seeds. Checked once, without torch.

A method's runs are the very runs that `train` would make, so whatever has been trained before is there at once. The
single modalities are trained beside them: no comparison is complete without what fusion has to beat. On demand the first method
is also trained with each modality shuffled: what it still gains over the others alone was never information.

All seeds share the training data, so that what is said is said of these data; with `new_data` each seed draws its own, where
the data set can draw them, and the test samples stay the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from core import catalog
from core.catalog import compatibility
from core.catalog.parameters import Parameter
from core.config import RunConfig
from core.errors import ConfigError
from core.runs import run_id

RETRIEVAL = "recall@1"  # what a training is judged by that predicts nothing
MOST_SEEDS = 100
FORMAT = 1
REFERENCE = "alone:"  # before the modality's name
CONTROL = "permuted:"  # likewise: the first method with this modality shuffled


@dataclass(frozen=True)
class Comparison:
    """Make it with `make`. `objective` "" leaves each fusion the one that fits it best."""

    dataset: str
    fusions: tuple[str, ...]
    objective: str = ""
    seeds: int = 5
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    control: bool = False
    new_data: bool = False

    @classmethod
    def make(
        cls,
        dataset: str,
        fusions: Sequence[str],
        objective: str = "",
        seeds: int = 5,
        settings: Mapping[str, Any] | None = None,
        control: bool = False,
        new_data: bool = False,
    ) -> Comparison:
        """A checked comparison, or ConfigError: a fusion that cannot be, one named twice, nothing to compare."""
        catalog.dataset(dataset)
        for name in fusions:
            catalog.fusion(name)
            if list(fusions).count(name) > 1:
                raise ConfigError("repeated_fusion", name=name)
        if len(fusions) < 2:
            raise ConfigError("too_few_methods", count=len(fusions))
        if not 1 <= seeds <= MOST_SEEDS:
            raise ConfigError("not_whole", label="seeds", value=seeds, low="1", high=str(MOST_SEEDS))
        chosen = dict(settings or {})
        drawn = new_data or Parameter("new_data", "bool", False).check(chosen.pop("new_data", False), "new_data")
        found = cls(dataset, tuple(fusions), objective, seeds, MappingProxyType(chosen), control, bool(drawn))
        found._check_settings()
        found._check_metric()
        return found

    def methods(self) -> dict[str, list[RunConfig]]:
        """fusion -> its runs' configs, one a seed."""
        return self._methods

    def references(self) -> dict[str, list[RunConfig]]:
        """ "alone:<modality>" -> the runs of one modality alone, where something is predicted; then the controls."""
        return self._references

    def configs(self) -> list[RunConfig]:
        """Every run, in the order that tells most soonest: a seed of everything, then the next seed."""
        rows = [*self._methods.values(), *self._references.values()]
        return [row[seed] for seed in range(self.seeds) for row in rows]

    @cached_property
    def runs_of(self) -> dict[str, tuple[str, ...]]:
        """Method or reference -> the names of its runs, one a seed. Made once: a page asks for them every second."""
        rows = {**self._methods, **self._references}
        return {name: tuple(run_id(config) for config in row) for name, row in rows.items()}

    @cached_property
    def runs(self) -> tuple[str, ...]:
        """The name of every run, in the order of `configs`."""
        return tuple(row[seed] for seed in range(self.seeds) for row in self.runs_of.values())

    @cached_property
    def _methods(self) -> dict[str, list[RunConfig]]:
        return {name: self._runs(name, self.objective, {}) for name in self.fusions}

    @cached_property
    def _references(self) -> dict[str, list[RunConfig]]:
        first = self._config(self.fusions[0], self.objective, {})
        names = catalog.modalities(catalog.dataset(self.dataset), dict(first.data_settings))
        alone = {} if self.metric == RETRIEVAL else self._alone(names)
        return alone | (self._permuted(names) if self.control else {})

    def _alone(self, modalities: Sequence[str]) -> dict[str, list[RunConfig]]:
        fusion = single()
        if fusion is None:
            return {}
        parameter = next(p["name"] for p in fusion["parameters"] if p["kind"] == "modality")
        objective = self._objective_alone(fusion)
        return {
            f"{REFERENCE}{m}": self._runs(fusion["name"], objective, {f"fusion.{parameter}": m}) for m in modalities
        }

    def _permuted(self, modalities: Sequence[str]) -> dict[str, list[RunConfig]]:
        first = self.fusions[0]
        return {f"{CONTROL}{m}": self._runs(first, self.objective, {"permute": m}) for m in modalities}

    @property
    def metric(self) -> str:
        """The figure that is compared: "accuracy", "map", "r2", or "recall@1" where nothing is predicted."""
        return _metric(self._config(self.fusions[0], self.objective, {}).objective)

    @property
    def id(self) -> str:
        """12 hex digits of all that was chosen; the order of the methods counts only where the first has the controls."""
        text = json.dumps({**self.to_json(), "fusions": self._in_order()}, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def to_json(self) -> dict[str, Any]:
        """Plain data; `from_json` reads it back."""
        return {
            "format": FORMAT,
            "dataset": self.dataset,
            "fusions": list(self.fusions),
            "objective": self.objective,
            "seeds": self.seeds,
            "settings": dict(self.settings),
            **({"control": True} if self.control else {}),
            **({"new_data": True} if self.new_data else {}),
        }

    @classmethod
    def from_json(cls, data: Any) -> Comparison:
        """A comparison from its plain data, checked like any other."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ConfigError("bad_config", reason=f'it lacks "format": {FORMAT}')
        return cls.make(
            data["dataset"],
            data["fusions"],
            data["objective"],
            data["seeds"],
            data["settings"],
            data.get("control", False),
            data.get("new_data", False),
        )

    def _in_order(self) -> list[str]:
        kept, free = (self.fusions[:1], self.fusions[1:]) if self.control else ((), self.fusions)
        return [*kept, *sorted(free)]

    def _check_settings(self) -> None:
        """A parameter of fusions must be known to one of them at least."""
        known = {name for fusion in self.fusions for name in _parameters(fusion)}
        for name in self.settings:
            if name.startswith("fusion.") and name not in known:
                raise ConfigError("unknown_setting", name=name, choices=", ".join(sorted(known)) or "none")

    def _check_metric(self) -> None:
        """All methods must be judged by the same figure."""
        metrics = {name: _metric(self._config(name, self.objective, {}).objective) for name in self.fusions}
        first, *others = metrics
        for other in others:
            if metrics[other] != metrics[first]:
                facts = {"first": first, "first_metric": metrics[first]}
                raise ConfigError("different_measures", second=other, second_metric=metrics[other], **facts)

    def _objective_alone(self, fusion: catalog.Entry) -> str:
        """The objective of a single modality: the comparison's own, less what one modality cannot take."""
        terms = catalog.terms(self._config(self.fusions[0], self.objective, {}).objective)
        return "+".join(term["name"] for term in terms if not compatibility.fusion_problem(fusion, term))

    def _runs(self, fusion: str, objective: str, more: dict[str, Any]) -> list[RunConfig]:
        first = int(self.settings.get("seed", 0))
        return [self._config(fusion, objective, {**more, "seed": first + k}) for k in range(self.seeds)]

    def _config(self, fusion: str, objective: str, more: dict[str, Any]) -> RunConfig:
        own = _parameters(fusion)
        fitting = {n: v for n, v in self.settings.items() if not n.startswith("fusion.") or n in own}
        drawn = {"new_data": True} if self.new_data else {}
        return RunConfig.make(self.dataset, fusion, objective or None, {**fitting, **more, **drawn})


def _parameters(fusion: str) -> set[str]:
    return {f"fusion.{p['name']}" for p in catalog.fusion(fusion)["parameters"]}


def single() -> catalog.Entry | None:
    """The fusion that looks at one modality, by its stage."""
    return next((entry for entry in catalog.catalog()["fusions"] if entry["stage"] == "single"), None)


def _metric(objective: str) -> str:
    return next((term["metric"] for term in catalog.terms(objective) if term["target"]), RETRIEVAL)
