"""The table of runs: a row per run in words, and how its columns are shown."""

from __future__ import annotations

import datetime
from typing import Any

import streamlit as st

from core import catalog
from core.runs import Summary, is_newer
from dashboard.texts import clean, known, of, t


def row(item: Summary) -> dict[str, object]:
    """One line of the table; a folder that cannot be read has its name and "unreadable"."""
    config, metrics, broken = item.config, item.metrics, "newer" if is_newer(item.problem) else "broken"
    terms = config.get("objective", "").split("+")
    return {
        "star": bool(item.label.get("star")),
        "picture": f"./live/runs/{item.run}/thumb" if item.thumb else None,
        "name": clean(item.label.get("name") or item.run),
        "state": known(f"state.{item.status['status']}", item.status["status"])
        if not item.problem
        else t(f"state.{broken}"),
        "dataset": _title("datasets", config.get("dataset", "")) or None,
        "fusion": _title("fusions", config.get("fusion", "")) or None,
        "objective": " + ".join(_title("objectives", term) for term in terms) or None,
        "seed": config.get("seed"),
        "accuracy": _share(metrics.get("test/accuracy")),
        "recall": _share(metrics.get("test/recall@1")),
        "seconds": item.status.get("seconds"),
        "size": (item.bytes or 0) / 1e6,
        "made": datetime.datetime.fromtimestamp(item.created),
    }


def columns() -> dict[str, Any]:
    """Title and format of each column of `row`."""
    title = {name: t(f"runs.{name}") for name in ("name", "state", "dataset", "fusion", "objective", "seed")}
    number = st.column_config.NumberColumn
    return {
        **title,
        "star": st.column_config.CheckboxColumn(t("runs.star"), width="small"),
        "picture": st.column_config.ImageColumn(t("runs.picture"), width="small"),
        "accuracy": number(t("runs.accuracy"), format="%.3f"),
        "recall": number(t("runs.recall"), format="%.3f"),
        "seconds": number(t("runs.seconds"), format="%.1f s"),
        "size": number(t("runs.size"), format="%.1f MB"),
        "made": st.column_config.DatetimeColumn(t("runs.made"), format="YYYY-MM-DD HH:mm"),
    }


def _share(value: float | None) -> float | None:
    """A figure of 0 to 1; a foreign one that is none is left out, since 300 digits fit in no column."""
    return value if value is not None and -1 <= value <= 1 else None


def _title(shelf: str, name: str) -> str:
    """A method's title; the bare name where the catalogue does not know it (any more)."""
    return next((of(entry) for entry in catalog.catalog()[shelf] if entry["name"] == name), clean(name))
