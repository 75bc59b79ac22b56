"""The form of the comparison page: data, two to six methods, one objective or each its own, seeds."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import catalog
from core.catalog import compatibility
from dashboard.controls import method_picker, run_form
from dashboard.state.compare import MOST_COMPARED, TRIALS, CompareState
from dashboard.state.experiment import Experiment
from dashboard.state.session import change, current, widget
from dashboard.texts import t

OWN = ""  # each method takes the objective that fits it best


def choose() -> None:
    """All controls; a change is taken at once."""
    run_form.dataset()
    _methods()
    _objective()
    chosen = st.segmented_control(
        t("compare.seeds"),
        TRIALS,
        default=current(CompareState).trials,
        key=widget("trials", current(CompareState).trials),
        help=t("compare.seeds.help"),
        required=True,
    )
    _take(trials=chosen)
    control = st.toggle(
        t("compare.control"),
        current(CompareState).control,
        key=widget("control", current(CompareState).control),
        help=t("compare.control.help"),
    )
    _take(control=control)
    _new_data()


def _new_data() -> None:
    """Offered where the data set can draw new training data; a wish for it that it cannot meet is said and can be taken back."""
    now = current(CompareState)
    if catalog.dataset(current(Experiment).dataset)["draws"] or now.new_data:
        drawn = st.toggle(
            t("compare.new_data"), now.new_data, key=widget("new_data", now.new_data), help=t("compare.new_data.help")
        )
        _take(new_data=drawn)


def _methods() -> None:
    """Grouped by stage, the ones that cannot be compared on these data grey, with the reason."""
    label, standing = t("compare.methods", most=MOST_COMPARED), current(CompareState).fusions
    _take(fusions=method_picker.choose_several("fusions", label, standing, MOST_COMPARED, _attempt))


def _attempt(name: str) -> None:
    """ConfigError when this method cannot be trained on the chosen data with the chosen objective."""
    now = current(CompareState)
    data, entry = catalog.dataset(current(Experiment).dataset), catalog.fusion(name)
    compatibility.check_count(data, entry, len(run_form.modalities()))
    if now.common:
        compatibility.check_terms(data, entry, catalog.terms(now.common))


def _objective() -> None:
    """Each its own, or one that some method can take."""
    now = current(CompareState)
    data = catalog.dataset(current(Experiment).dataset)
    offers = {o for name in catalog.names("fusions") for o in compatibility.choices_for(data, catalog.fusion(name))}
    options = [OWN, *sorted(offers)]
    standing = options.index(now.common) if now.common in options else 0
    chosen = st.selectbox(
        t("choose.objective"),
        options,
        index=standing,
        format_func=lambda name: run_form.objective_title(name) if name else t("compare.own"),
        key=widget("common", options[standing]),
    )
    _take(common=chosen)


def _take(**changes: Any) -> None:
    if any(getattr(current(CompareState), name) != value for name, value in changes.items()):
        change(CompareState, **changes)
        st.rerun()
