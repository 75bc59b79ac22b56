"""What the page of comparisons asks: data, two to six methods, one objective or each its own, seeds."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import catalog, legality
from core.compare.comparison import Comparison
from core.errors import ConfigError
from dashboard import state, texts
from dashboard.controls import choice, stages
from dashboard.state import MOST_COMPARED, TRIALS
from dashboard.texts import sentence, t

OWN = ""  # each method takes the objective that fits it best


def choose() -> None:
    """All controls; a change is taken at once."""
    choice.dataset()
    _methods()
    _objective()
    chosen = st.segmented_control(
        t("compare.seeds"),
        TRIALS,
        default=state.current().trials,
        key="trials",
        help=t("compare.seeds.help"),
        required=True,
    )
    _take(trials=chosen)


def _methods() -> None:
    """Grouped by stage, the ones that cannot be compared on these data grey, with the reason."""
    now = state.current()
    entries = {entry["name"]: entry for entry in catalog.catalog()["fusions"]}
    names = [name for stage in stages.STAGES for name, entry in entries.items() if entry["stage"] == stage]
    reasons = {name: reason for name in names if (reason := _reason(name))}
    grey = [name in reasons and name not in now.fusions for name in names]
    st.html(stages.style([entries[name]["stage"] for name in names], "fusions", grey))
    chosen = st.pills(
        t("compare.methods", most=MOST_COMPARED),
        names,
        default=list(now.fusions),
        format_func=lambda name: texts.of("fusions", entries[name]),
        selection_mode="multi",
        key="fusions",
    )
    if reasons:
        with st.popover(t("compare.why"), icon=":material/block:"):
            for reason in reasons.values():
                st.caption(reason)
    if len(chosen) > MOST_COMPARED:
        st.warning(t("compare.most", most=MOST_COMPARED), icon=":material/info:")
    kept = [name for name in now.fusions if name in chosen] + [name for name in chosen if name not in now.fusions]
    _take(fusions=tuple(kept[:MOST_COMPARED]))


def _reason(name: str) -> str:
    """Why this method cannot be compared with the chosen data and objective, in a sentence; "" when it can."""
    now = state.current()
    others = [other for other in now.fusions if other != name][:1] or [_any_other(name)]
    try:
        Comparison.make(now.dataset, [name, *others], now.common, 1, _shared(now))
    except ConfigError as error:
        return sentence(error) if name in str(error) else ""
    return ""


def _any_other(name: str) -> str:
    return next(other for other in catalog.names("fusions") if other != name)


def _shared(now: state.State) -> dict[str, Any]:
    return {n: v for n, v in now.settings.items() if n.startswith("data.")}


def _objective() -> None:
    """Each its own, or one that some method can take."""
    now = state.current()
    data = catalog.dataset(now.dataset)
    offers = {o for name in catalog.names("fusions") for o in legality.choices_for(data, catalog.fusion(name))}
    options = [OWN, *sorted(offers)]
    chosen = st.selectbox(
        t("choose.objective"),
        options,
        index=options.index(now.common) if now.common in options else 0,
        format_func=lambda name: choice.objective_title(name) if name else t("compare.own"),
        key="common",
    )
    _take(common=chosen)


def _take(**changes: Any) -> None:
    if any(getattr(state.current(), name) != value for name, value in changes.items()):
        state.change(**changes)
        st.rerun()
