"""A widget for a parameter, from its type, range and scale."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from core import catalog
from core.catalog.parameters import Parameter
from dashboard.state.experiment import Experiment
from dashboard.state.session import current, widget
from dashboard.texts import Markdown, clean, known, language, modality, of, plain, t


def label(parameter: Parameter) -> Markdown:
    """The parameter's title; its name where it has none."""
    return plain(parameter.title.in_(language()) or parameter.name)


def parameter_widget(name: str, parameter: Parameter, value: Any) -> Any:
    """The widget of a parameter with key `name`; what it stands at."""
    answers = t(f"answers.{parameter.answers}")
    text = label(parameter) + (f" ({parameter.unit})" if parameter.unit else "")
    common: dict[str, Any] = {
        "label": text,
        "key": widget(name, _shown_by(parameter, value)),
        "help": Markdown(f"`{name}` · ") + answers,
    }
    if parameter.kind == "bool":
        return st.toggle(value=bool(value), **common)
    if parameter.choices:
        standing = parameter.choices.index(value)
        return st.selectbox(
            options=parameter.choices,
            index=standing,
            format_func=lambda choice: _named(name, parameter, choice),
            **common,
        )
    if parameter.scale == "log":
        return st.select_slider(options=ladder(parameter, value), value=value, format_func=_short, **common)
    if parameter.kind == "float" and parameter.step:
        bounds: dict[str, Any] = {"min_value": float(parameter.low or 0), "max_value": float(parameter.high or 1)}
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
    bounds: dict[str, Any] = {
        "value": number(value),
        "min_value": None if parameter.low is None else number(parameter.low),
        "max_value": None if parameter.high is None else number(parameter.high),
    }
    shape: dict[str, Any] = {} if parameter.kind == "int" else {"format": "%g"}
    return st.number_input(**bounds, **shape, **common)


def _named(name: str, parameter: Parameter, choice: str) -> str:
    """A choice that stands on a shelf by its title there, "none" and "any" in words, a modality by its title."""
    shelf = {"strategy": "strategies"}.get(name, "encoders" if name.startswith("encoder.") else "")
    for entry in catalog.catalog().get(shelf, []):
        if entry["name"] == choice:
            return of(entry)
    if parameter.kind == "modality" or name == "permute":
        return known(f"choice.{choice}", modality(choice, current(Experiment).dataset))
    return clean(choice)


def _short(value: Any) -> str:
    return f"{value:g}"
