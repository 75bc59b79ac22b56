"""A widget for a parameter, from its type, range and scale."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from core import catalog
from core.catalog.parameters import Parameter
from dashboard.state.session import widget
from dashboard.texts import Markdown, catalogue, known, language, of, t


def label(name: str) -> Markdown:
    """The parameter's name in words; a dotted name's last part where it has no words of its own."""
    texts = catalogue(language())
    short = name.rsplit(".", 1)[-1]
    if name.startswith("objective.weight."):
        return t("parameter.weight", term=known(f"objectives.{short}.title", short))
    return Markdown(texts.get(f"parameter.{name}") or texts[f"parameter.{short}"])


def parameter_widget(name: str, parameter: Parameter, value: Any) -> Any:
    """The widget of a parameter with key `name`; what it stands at."""
    answers = t(f"answers.{parameter.answers}")
    text = label(name) + f" ({parameter.unit})" if parameter.unit else label(name)
    common = {
        "label": text,
        "key": widget(name, _shown_by(parameter, value)),
        "help": Markdown(f"`{name}` · ") + answers,
    }
    if parameter.kind == "bool":
        return st.toggle(value=bool(value), **common)
    if parameter.choices:
        options = {"options": parameter.choices, "index": parameter.choices.index(value)}
        return st.selectbox(**options, format_func=lambda choice: _named(name, choice), **common)
    if parameter.scale == "log":
        return st.select_slider(options=ladder(parameter, value), value=value, format_func=_short, **common)
    if parameter.kind == "float" and parameter.step:
        bounds = {"min_value": float(parameter.low or 0), "max_value": float(parameter.high or 1)}
        return st.slider(value=float(value), step=parameter.step, **bounds, **common)
    return _number(parameter, value, common)


def _shown_by(parameter: Parameter, value: Any) -> Any:
    """The value as its widget holds it."""
    if parameter.choices:
        return value
    return {"bool": bool, "int": int, "float": float}[parameter.kind](value)


def ladder(parameter: Parameter, value: Any) -> list[Any]:
    """About three rungs a decade between the ends, with the value and the default among them."""
    low, high = float(parameter.low or 1e-6), float(parameter.high or 1)
    whole = parameter.kind == "int"
    rungs = {low, high, parameter.default, value}
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        rungs |= {k * 10.0**power for k in (1, 2, 5)}
    inside = [rung for rung in rungs if low <= float(rung) <= high]
    if whole:
        return sorted({int(rung) for rung in inside if float(rung) == int(rung)})
    return sorted({float(f"{float(rung):.6g}") for rung in inside} | {float(value)})


def _number(parameter: Parameter, value: Any, common: dict[str, Any]) -> Any:
    number = int if parameter.kind == "int" else float
    bounds = {
        "min_value": None if parameter.low is None else number(parameter.low),
        "max_value": None if parameter.high is None else number(parameter.high),
    }
    shape = {} if parameter.kind == "int" else {"format": "%g"}
    return st.number_input(value=number(value), **bounds, **shape, **common)


def _named(name: str, choice: str) -> str:
    """A choice that stands on a shelf by its title there, a modality in words, any other as it is."""
    shelf = {"strategy": "strategies"}.get(name, "encoders" if name.startswith("encoder.") else "")
    for entry in catalog.catalog().get(shelf, []):
        if entry["name"] == choice:
            return of(shelf, entry)
    return known(f"modality.{choice}", choice)


def _short(value: Any) -> str:
    return f"{value:g}"
