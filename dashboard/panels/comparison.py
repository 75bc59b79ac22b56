"""The parts of the comparison page: buttons, the table as it grows, and the methods side by side."""

from __future__ import annotations

import streamlit as st

from core.compare.comparison import Comparison
from core.compare.types import ComparisonTable
from core.config import RunConfig
from dashboard import error_messages, live_views, permissions
from dashboard.panels import advice, comparison_table, comparison_words, training, verdict
from dashboard.services import comparisons
from dashboard.services.comparisons import Standing
from dashboard.services.training import render_missing
from dashboard.texts import failure, t

MAPS_PER_ROW = 3


def take_click(comparison: Comparison | None) -> None:
    """Train what the comparison lacks if somebody just asked for it; what cannot be is shown."""
    if comparison and st.session_state.get("compare"):
        with error_messages.trying():
            permissions.compare(comparison)


def begin_button(disabled: bool) -> None:
    """What it does is done at the beginning of the next run (`take_click`)."""
    icon = ":material/play_arrow:"
    st.button(t("compare.begin"), key="compare", type="primary", icon=icon, disabled=disabled, width="stretch")


def show_results(comparison: Comparison, first: Standing, config: RunConfig) -> None:
    """The table as it grows: verdict, dots, figures. The page runs again when the last run has ended."""
    behind = comparisons.newest_table(first)[1]

    @st.fragment(run_every=1.0 if first.live or behind else None)
    def results() -> None:
        now = comparisons.standing(comparison)
        table, old = comparisons.newest_table(now)
        training.show_ends([status for status in now.statuses if status["status"] == "stopped"])
        if first.live:
            _show_progress(now)
            if not now.live and table and table["done"] == table["runs"]:
                st.rerun()
        elif behind and not old:
            st.rerun()
        if table is None or not any(row["n"] for row in table["methods"]):
            st.info(t("compare.waiting" if first.live or behind else "compare.empty"), icon=":material/info:")
        else:
            _show_table(comparison, table, config)

    results()


def show_maps(comparison: Comparison, shown: dict[str, str]) -> None:
    """The first seed of each method, side by side and moved together."""
    runs = list(shown.values())
    render_missing(runs)
    live_views.show_transport(runs, key="transport", linked=True)
    names = list(shown)
    for start in range(0, len(names), MAPS_PER_ROW):
        columns = st.columns(MAPS_PER_ROW, gap="small")
        for place, name in zip(columns, names[start : start + MAPS_PER_ROW], strict=False):
            with place:
                title = comparison_words.title(name)
                live_views.show_map([shown[name]], key=f"map_{name}", height=280, title=title)


def show_curves(comparison: Comparison, shown: dict[str, str], live: bool) -> None:
    """Loss and score of all methods over the epochs."""

    @st.fragment(run_every=2.0 if live else None)
    def curves() -> None:
        drawn = comparison_words.curves(comparison, shown)
        live_views.show_comparison_curves(drawn, list(shown.values()), key="comparison_curves", height=240)

    curves()
    st.caption(t("compare.bands"))


def _show_progress(now: Standing) -> None:
    """How many runs are done, and how long the rest will take."""
    left = now.seconds_left()
    text = t("compare.progress", done=len(now.ended), runs=len(now.statuses))
    st.progress(now.share(), text=text if left is None else text + t("status.wait", seconds=f"{left:.0f}"))


def _show_table(comparison: Comparison, table: ComparisonTable, config: RunConfig) -> None:
    st.markdown(f"**{verdict.verdict(table)}**")
    st.caption(verdict.population(table))
    _show_failures(comparison, table)
    comparison_table.show_dots(comparison, table)
    comparison_table.show_rows(table)
    if comparison_table.show_parts(table):
        st.caption(advice.price(config))


def _show_failures(comparison: Comparison, table: ComparisonTable) -> None:
    """Each method that failed, in a sentence; the others go on. And a table that could not be made."""
    if problem := comparisons.problem(comparison):
        st.error(t("compare.problem", reason=problem), icon=":material/error:")
    for row in table["methods"]:
        if row["problem"]:
            values = {"name": comparison_words.title(row["name"]), "seed": row["problem"]["seed"]}
            st.error(t("compare.failed", **values, reason=failure(row["problem"])))
