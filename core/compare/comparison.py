"""A comparison: which fusions, on which data, with which objective, over how many seeds. Checked once, without torch.

A method's runs are the very runs that `train` would make, so whatever has been trained before is there at once. The
single modalities are trained beside them: no comparison is complete without what fusion has to beat.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from core import catalog, legality
from core.config import RunConfig
from core.errors import ConfigError

RETRIEVAL = "recall@1"  # what a training is judged by that predicts nothing
MOST_SEEDS = 100
FORMAT = 1
REFERENCE = "alone:"  # before the modality's name


@dataclass(frozen=True)
class Comparison:
    """Make it with `make`. `objective` "" leaves each fusion the one that fits it best."""

    dataset: str
    fusions: tuple[str, ...]
    objective: str = ""
    seeds: int = 5
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def make(
        cls,
        dataset: str,
        fusions: Sequence[str],
        objective: str = "",
        seeds: int = 5,
        settings: Mapping[str, Any] | None = None,
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
        found = cls(dataset, tuple(fusions), objective, seeds, MappingProxyType(dict(settings or {})))
        found._check_settings()
        found._check_measure()
        return found

    def methods(self) -> dict[str, list[RunConfig]]:
        """fusion -> its runs' configs, one a seed."""
        return {name: self._runs(name, self.objective, {}) for name in self.fusions}

    def references(self) -> dict[str, list[RunConfig]]:
        """ "alone:<modality>" -> the runs of one modality alone. {} where nothing is predicted."""
        fusion = single()
        if self.measure == RETRIEVAL or fusion is None:
            return {}
        first = self._config(self.fusions[0], self.objective, {})
        names = catalog.modalities(catalog.dataset(self.dataset), dict(first.data_settings))
        knob = next(p["name"] for p in fusion["parameters"] if p["kind"] == "modality")
        objective = self._alone(fusion)
        return {f"{REFERENCE}{name}": self._runs(fusion["name"], objective, {f"fusion.{knob}": name}) for name in names}

    def configs(self) -> list[RunConfig]:
        """Every run, in the order that tells most soonest: a seed of everything, then the next seed."""
        rows = [*self.methods().values(), *self.references().values()]
        return [row[seed] for seed in range(self.seeds) for row in rows]

    @property
    def measure(self) -> str:
        """The figure that is compared: "accuracy", "map", "r2", or "recall@1" where nothing is predicted."""
        return _measure(self._config(self.fusions[0], self.objective, {}).objective)

    @property
    def id(self) -> str:
        """12 hex digits of all that was chosen."""
        text = json.dumps({**self.to_json(), "fusions": sorted(self.fusions)}, sort_keys=True, default=str)
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
        }

    @classmethod
    def from_json(cls, data: Any) -> Comparison:
        """A comparison from its plain data, checked like any other."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ConfigError("bad_config", reason=f'it lacks "format": {FORMAT}')
        return cls.make(data["dataset"], data["fusions"], data["objective"], data["seeds"], data["settings"])

    def _check_settings(self) -> None:
        """A knob of fusions must be known to one of them at least."""
        known = {name for fusion in self.fusions for name in _knobs(fusion)}
        for name in self.settings:
            if name.startswith("fusion.") and name not in known:
                raise ConfigError("unknown_setting", name=name, choices=", ".join(sorted(known)) or "none")

    def _check_measure(self) -> None:
        """All methods must be judged by the same figure."""
        measures = {name: _measure(self._config(name, self.objective, {}).objective) for name in self.fusions}
        first, *others = measures
        for other in others:
            if measures[other] != measures[first]:
                facts = {"first": first, "first_measure": measures[first]}
                raise ConfigError("different_measures", second=other, second_measure=measures[other], **facts)

    def _alone(self, fusion: catalog.Entry) -> str:
        """The objective of a single modality: the comparison's own, less what one modality cannot take."""
        terms = catalog.terms(self._config(self.fusions[0], self.objective, {}).objective)
        return "+".join(term["name"] for term in terms if not legality.fusion_problem(fusion, term))

    def _runs(self, fusion: str, objective: str, more: dict[str, Any]) -> list[RunConfig]:
        first = int(self.settings.get("seed", 0))
        return [self._config(fusion, objective, {**more, "seed": first + k}) for k in range(self.seeds)]

    def _config(self, fusion: str, objective: str, more: dict[str, Any]) -> RunConfig:
        own = _knobs(fusion)
        fitting = {n: v for n, v in self.settings.items() if not n.startswith("fusion.") or n in own}
        return RunConfig.make(self.dataset, fusion, objective or None, {**fitting, **more})


def _knobs(fusion: str) -> set[str]:
    return {f"fusion.{p['name']}" for p in catalog.fusion(fusion)["parameters"]}


def single() -> catalog.Entry | None:
    """The fusion that looks at one modality, by its stage."""
    return next((entry for entry in catalog.catalog()["fusions"] if entry["stage"] == "single"), None)


def _measure(objective: str) -> str:
    return next((term["measure"] for term in catalog.terms(objective) if term["target"]), RETRIEVAL)
