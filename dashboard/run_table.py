"""The table of runs: a row a run in words, and how its columns are shown."""

from __future__ import annotations

import datetime
from typing import Any

import streamlit as st

from core import catalog
from core.runs import Summary
from dashboard.texts import clean, known, of, t


def row(item: Summary) -> dict[str, object]:
    """One line of the table; a folder that cannot be read has its name and "unreadable"."""
    config, metrics = item.config, item.metrics
    terms = config.get("objective", "").split("+")
    return {
        "star": bool(item.label.get("star")),
        "picture": f"./live/runs/{item.run}/thumb" if item.thumb else None,
        "name": clean(item.label.get("name") or item.run),
        "state": known(f"state.{item.status['status']}", item.status["status"])
        if not item.problem
        else t("state.broken"),
        "dataset": _title("datasets", config.get("dataset", "")),
        "fusion": _title("fusions", config.get("fusion", "")),
        "objective": " + ".join(_title("objectives", term) for term in terms),
        "seed": config.get("seed"),
        "accuracy": metrics.get("test/accuracy"),
        "recall": metrics.get("test/recall@1"),
        "seconds": item.status.get("seconds"),
        "size": item.bytes / 1e6,
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


def _title(shelf: str, name: str) -> str:
    """A method's title; the bare name where the catalogue does not know it (any more)."""
    return next((of(shelf, entry) for entry in catalog.catalog()[shelf] if entry["name"] == name), clean(name))
