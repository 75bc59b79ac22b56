"""A comparison's table as dots, as rows, and as files to take away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.compare.comparison import Comparison
from core.compare.types import ComparisonTable
from dashboard import live_views
from dashboard.panels import comparison_words
from dashboard.panels.comparison_words import COSTS
from dashboard.services import exports
from dashboard.texts import catalogue, language, t

FORMATS = {
    "mean": "%.3f",
    "sd": "%.3f",
    "low": "%.3f",
    "high": "%.3f",
    "seconds": "%.1f",
    "parameters": "localized",
    "flops": "compact",
    "robustness": "%.3f",
    "effective": "%+.3f",
}


def show_dots(comparison: Comparison, table: ComparisonTable) -> None:
    """A dot per seed with mean and interval, against a cost that can be chosen; beside that the files."""
    drawn = comparison_words.dots(table, st.session_state.get("cost", COSTS[0]))
    live_views.show_interval_plot(drawn, key="interval_plot")
    price, more = st.columns([5, 1], vertical_alignment="center")
    with price:
        st.segmented_control(
            t("compare.cost"),
            COSTS,
            default=COSTS[0],
            format_func=lambda name: comparison_words.cost_name(name, table),
            key="cost",
            label_visibility="collapsed",
            required=True,
        )
    with more, st.popover(t("compare.export"), icon=":material/download:", width="stretch", key="exports"):
        _offer_files(comparison, table)


def show_rows(table: ComparisonTable) -> None:
    """The columns that tell rows apart."""
    columns = comparison_words.heads(table)
    rows = [{columns[name]: row[name] for name in columns} for row in comparison_words.shown_rows(table)]
    st.dataframe(rows, hide_index=True, placeholder="–", column_config=_formats(columns))


def show_parts(table: ComparisonTable) -> bool:
    """How much of each part of the label a method reads; False where the data have no known parts."""
    rows = comparison_words.parts(table)
    if not rows:
        return False
    st.markdown(comparison_words.whose_bits(table))
    number = st.column_config.NumberColumn(format="%.3f")
    shares: dict[str, Any] = dict.fromkeys(list(rows[0])[1:], number)
    st.dataframe(rows, hide_index=True, key="parts", placeholder="–", column_config=shares)
    return True


def _offer_files(comparison: Comparison, table: ComparisonTable) -> None:
    files = {
        "csv": exports.to_csv(table),
        "md": exports.to_markdown(table),
        "tex": exports.to_latex(table),
        "py": exports.to_script(comparison),
    }
    for kind, text in files.items():
        st.download_button(t(f"export.{kind}"), text, f"comparison-{comparison.id}.{kind}", key=f"save_{kind}")


def _formats(columns: Mapping[str, str]) -> dict[str, Any]:
    """How the table's numbers are written, by the columns' titles."""
    return {
        columns[name]: st.column_config.NumberColumn(format=form, help=catalogue(language()).get(f"column.{name}.help"))
        for name, form in FORMATS.items()
        if name in columns
    }
