"""A typed parameter: one description from which controls, checks, command line and catalogue follow."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from core.catalog.localized import UNTITLED, Localized
from core.errors import ConfigError, brief

Value = bool | int | float | str
_NUMBER = re.compile(r"[+-]?([0-9]{1,400}(\.[0-9]{0,400})?|\.[0-9]{1,400})([eE][+-]?[0-9]{1,4})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a data set, fusion, objective or run.

    `kind` is "int", "float", "bool", "choice" or "modality" (a choice among the data's modalities, filled in after
    `choices` when the data is known). `low` and `high` are inclusive and belong to every number. `answers` tells whether a change needs a
    new training ("training") or is read from a finished run's table ("now": test-time parameters).
    """

    name: str
    kind: str
    default: Value
    low: float | None = None
    high: float | None = None
    step: float | None = None
    scale: str = "linear"  # or "log": how a slider should move
    unit: str = ""
    choices: tuple[str, ...] = ()
    basic: bool = False  # shown in the Basic panel
    answers: str = "training"
    title: Localized = UNTITLED  # for people

    def check(self, value: Any, label: str | None = None) -> Value:
        """`value` as this parameter's type, or ConfigError naming `label`, the range and what was given."""
        converted: Value | None
        try:
            converted = _CONVERTERS[self.kind](value)
        except (TypeError, ValueError, KeyError, OverflowError):
            converted = None
        if converted is None or not self._inside(converted):
            raise self._error(label or self.name, value)
        return converted

    def among(self, modalities: tuple[str, ...]) -> Parameter:
        """A "modality" parameter with the data's modalities filled in, the first one as default if it has none; others as they are."""
        if self.kind != "modality":
            return self
        return replace(self, choices=(*self.choices, *modalities), default=self.default or modalities[0])

    def _inside(self, value: Value) -> bool:
        if self.choices:
            return value in self.choices
        if isinstance(value, (bool, str)):
            return True
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def _error(self, label: str, value: Any) -> ConfigError:
        shown = {"label": label, "value": brief(value)}
        if self.kind == "bool":
            return ConfigError("not_bool", **shown)
        if self.choices or self.kind in ("choice", "modality"):
            return ConfigError("not_choice", choices=", ".join(self.choices), **shown)
        key = "not_whole" if self.kind == "int" else "not_number"
        form = ".0f" if self.kind == "int" else "g"
        return ConfigError(key, low=f"{self.low:{form}}", high=f"{self.high:{form}}", **shown)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the catalogue: the fields that differ from their defaults."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        plain = {item.name: plain[item.name] for item in fields(self) if plain[item.name] != item.default}
        if self.choices:
            plain["choices"] = list(self.choices)
        if "title" in plain:
            plain["title"] = self.title.to_json()
        return plain

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Parameter:
        """The parameter that `to_json` gave as plain data."""
        given = {"choices": tuple(data.get("choices", ())), "title": Localized.of(data.get("title"))}
        return cls(**{**data, **given})


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[str(value).lower()]


def _to_int(value: Any) -> int:
    if type(value) is int:
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    number = _to_float(value)
    if number != int(number):
        raise ValueError(value)
    return int(number)


def _to_float(value: Any) -> float:
    """Text in the digits 0-9 alone: Python would also take other scripts' and underscores."""
    if isinstance(value, bool) or (isinstance(value, str) and not _NUMBER.fullmatch(value.strip())):
        raise ValueError(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _to_choice(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_CONVERTERS: dict[str, Callable[[Any], Value]] = {
    "bool": _to_bool,
    "int": _to_int,
    "float": _to_float,
    "choice": _to_choice,
    "modality": _to_choice,
}
