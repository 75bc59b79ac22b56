"""What can be chosen, as data: the pages, the command line and the checks read this, none of them lists a method.

`catalog.json` is written from the shipped classes (`python -m core catalog --write`) and committed, so that a process without
torch can read it; a test fails when it is stale. Installed packages, the runs folder and classes of this process add to it
(`sources.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.catalog import folders
from core.catalog.encoder_names import setting_names
from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.errors import CatalogError, ConfigError

CATALOG_FILE = Path(__file__).with_name("catalog.json")
Entry = dict[str, Any]
_root: Path | None = None  # the runs folder that this process uses
_KINDS = {
    "image": Localized("image", "图像"),
    "audio": Localized("sound", "声音"),
    "text": Localized("text", "文本"),
    "features": Localized("vector", "向量"),
}


def catalog() -> dict[str, Any]:
    """{"datasets": [...], "encoders", "fusions", "objectives", "samplers", "strategies", "targets", "update_rules", "run"} of
    all sources; read-only."""
    return _merged(_root, _changed_at())[0]


def problems() -> list[CatalogError]:
    """What could not be had of the sources, one sentence each; everything else is in the catalogue."""
    return _merged(_root, _changed_at())[1]


def read_folder(runs: Path) -> None:
    """People's own data in this runs folder belong to the catalogue from now on, in this process."""
    global _root
    _root = runs


def refresh() -> None:
    """One of the sources has changed: the next query reads all of them."""
    _merged.cache_clear()


def shelf(shelf: str) -> dict[str, Entry]:
    """name -> entry of a shelf; names of "encoders" are unique within a kind alone, see `encoder_choices`."""
    return {entry["name"]: entry for entry in catalog()[shelf]}


def names(shelf: str) -> list[str]:
    """The names on a shelf ("datasets", "fusions", "objectives") in the order of its table."""
    return [entry["name"] for entry in catalog()[shelf]]


def dataset(name: str) -> Entry:
    """The entry of a data set, or ConfigError with the right names."""
    return _find("datasets", name, "unknown_dataset")


def fusion(name: str) -> Entry:
    """The entry of a fusion, or ConfigError with the right names."""
    return _find("fusions", name, "unknown_fusion")


def sums_of_logits() -> list[str]:
    """The methods that the price of late fusion is about: an expert of any shape for each modality, their logits added, one
    loss for all. Neither methods whose experts learn apart nor averages of probabilities are."""
    late = [entry for entry in catalog()["fusions"] if entry["stage"] == "decision"]
    return [entry["name"] for entry in late if entry["joint"] and entry["additive_scale"] == "logits"]


def strategy(name: str) -> Entry:
    """The entry of a strategy, or ConfigError with the right names."""
    return _find("strategies", name, "unknown_strategy")


def update_rule(name: str) -> Entry:
    """The entry of an update rule, or ConfigError with the right names."""
    return _find("update_rules", name, "unknown_update_rule")


def sampler(name: str) -> Entry:
    """The entry of a sampler, or ConfigError with the right names."""
    return _find("samplers", name, "unknown_sampler")


def encoder_choices(entry: Entry, modalities: tuple[str, ...]) -> list[Parameter]:
    """A choice for each modality whose kind has several encoders, the data set's own default filled in."""
    names, found = setting_names(entry), []
    for modality in (m for m in entry["modalities"] if m["name"] in modalities):
        name, kind = modality["name"], modality["kind"]
        choices = tuple(e["name"] for e in catalog()["encoders"] if e["kind"] == kind)
        if len(choices) > 1:
            own = entry["default_encoders"]
            default = own.get(name, own.get(kind, choices[0]))
            by_kind = names[name] == kind and kind in _KINDS
            of = _KINDS[kind] if by_kind else Localized.of(modality.get("title") or name)
            title = Localized(f"{of.in_('en')} encoder", f"{of.in_('zh')}编码器")
            found.append(Parameter(names[name], "choice", default, choices=choices, title=title))
    return found


def terms(objective: str) -> list[Entry]:
    """The entries of "a+b", or ConfigError: unknown, repeated or empty terms."""
    return terms_of(objective, shelf("objectives"))


def terms_of(objective: str, known: Mapping[str, Entry]) -> list[Entry]:
    """The same among entries that are at hand."""
    parts = [part.strip() for part in objective.split("+")]
    for part in parts:
        if part not in known:
            raise ConfigError(
                "unknown_objective", name=part, choices=", ".join(known), example="+".join(list(known)[:2])
            )
        if parts.count(part) > 1:
            raise ConfigError("repeated_objective", name=part, objective=objective)
    return [known[part] for part in parts]


def parameters(entry: Entry) -> list[Parameter]:
    """An entry's parameters."""
    return [Parameter.from_json(data) for data in entry.get("parameters", ())]


def text(entry: Entry, what: str = "title", language: str = "en") -> str:
    """An entry's title or idea in a language; its name where it has no title."""
    return Localized.of(entry.get(what)).in_(language) or (str(entry["name"]) if what == "title" else "")


def modality_titles(dataset: str = "") -> dict[str, Localized]:
    """modality -> its title, of all data sets; where several have one of that name, the given data set's own."""
    entries = sorted(catalog()["datasets"], key=lambda entry: entry["name"] != dataset)
    titles: dict[str, Localized] = {}
    for modality in (modality for entry in entries for modality in entry["modalities"]):
        titles.setdefault(modality["name"], Localized.of(modality.get("title") or modality["name"]))
    return titles


def run_parameters() -> list[Parameter]:
    """The parameters that every run has: epochs, batch_size, learning_rate, ..."""
    return [Parameter.from_json(data) for data in catalog()["run"]]


def modalities(entry: Entry, data: dict[str, Any]) -> tuple[str, ...]:
    """The modalities a data set has with these data settings (`when` names the switch of an optional one)."""
    return tuple(m["name"] for m in entry["modalities"] if not m["when"] or data.get(m["when"]))


def fused_modalities(entry: Entry, settings: Mapping[str, Any], available: tuple[str, ...]) -> tuple[str, ...]:
    """The modalities that a fusion looks at: all that are there, or the one that a parameter of a single one names."""
    if entry["stage"] != "single":
        return available
    named = [p.among(available) for p in parameters(entry) if p.kind == "modality"]
    return tuple(str(settings.get(p.name, p.default)) for p in named) or available


def sample_hash(name: str, version: str, data: dict[str, Any]) -> str:
    """12 hex digits that name what people see of the test split; parameters of the training split do not touch it."""
    test_settings = {key: value for key, value in data.items() if not key.startswith("train_")}
    return hashlib.sha256(json.dumps([name, version, test_settings], sort_keys=True).encode()).hexdigest()[:12]


def _find(kind: str, name: str, key: str) -> Entry:
    known = shelf(kind)
    if name not in known:
        raise ConfigError(key, name=name, choices=", ".join(known))
    return known[name]


@lru_cache(maxsize=1)
def _merged(root: Path | None, changed_at: int) -> tuple[dict[str, Any], list[CatalogError]]:
    from core.catalog import sources  # which reads this module

    return sources.merged(json.loads(CATALOG_FILE.read_text(encoding="utf-8")), root)


def _changed_at() -> int:
    return folders.changed_at(_root) if _root else 0
