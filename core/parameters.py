"""A typed knob: one description from which controls, checks, command line and catalogue follow."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

Value = bool | int | float | str


class ParameterError(ValueError):
    """A value that a knob cannot take; the message is one sentence for people."""


@dataclass(frozen=True)
class Parameter:
    """One knob of a data set, fusion, objective or run.

    `kind` is "int", "float", "bool", "choice" or "modality" (a choice among the data's modalities, filled in later). `low` and `high` are inclusive. `answers` tells whether a change
    needs a new training ("training") or is read from a finished run's table ("now", test-time knobs).
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

    def check(self, value: Any, label: str | None = None) -> Value:
        """`value` as this knob's type, or ParameterError naming `label`, the range and what was given."""
        label = label or self.name
        converted = self._convert(value)
        if converted is None or not self._inside(converted):
            raise ParameterError(f"{label} is {value!r}, but it takes {self.range_sentence()}")
        return converted

    def range_sentence(self) -> str:
        """What the knob takes, in words: "a whole number from 1 to 512"."""
        if self.kind == "bool":
            return "true or false"
        if self.choices:
            return f"one of: {', '.join(self.choices)}"
        noun = "a whole number" if self.kind == "int" else "a number"
        unit = f" {self.unit}" if self.unit else ""
        if self.low is not None and self.high is not None:
            return f"{noun} from {self.low:g} to {self.high:g}{unit}"
        return f"{noun} of at least {self.low:g}{unit}" if self.low is not None else noun + unit

    def _convert(self, value: Any) -> Value | None:
        """`value` in the knob's type; None when it is not of that type. Text is read as on a command line."""
        try:
            return _CONVERTERS[self.kind](value)
        except (TypeError, ValueError, KeyError, OverflowError):
            return None

    def _inside(self, value: Value) -> bool:
        if self.choices:
            return value in self.choices
        if isinstance(value, (bool, str)):
            return True
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the catalogue."""
        return {**asdict(self), "choices": list(self.choices)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Parameter:
        return cls(**{**data, "choices": tuple(data["choices"])})


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[str(value).lower()]


def _to_int(value: Any) -> int:
    number = float(value)
    if isinstance(value, bool) or number != int(number):
        raise ValueError(value)
    return int(number)


def _to_float(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or number != number or number in (float("inf"), float("-inf")):
        raise ValueError(value)
    return number


def _to_choice(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_CONVERTERS = {"bool": _to_bool, "int": _to_int, "float": _to_float, "choice": _to_choice, "modality": _to_choice}
