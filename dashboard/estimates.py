"""What a training will cost, said before it is launched. A worker makes the figures, once a choice."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.compare.advice import read
from core.compare.comparison import Comparison
from core.compare.estimates import place
from core.config import RunConfig
from core.serving.tasks import estimate_task
from dashboard.services import executor, runs_root
from dashboard.texts import Markdown, failure, t

UNITS = ("", "k", "M", "G", "T")


def known(config: RunConfig) -> bool:
    """Whether a worker has told already, be it that it cannot be trained; or nobody is left to tell."""
    return _read(config) is not None or executor().broken


def show(configs: list[RunConfig]) -> None:
    """A line of figures for these seeds of one choice; the question goes to a worker."""
    found = _read(configs[0])
    if found is None:
        _wait_for([configs[0]])
    elif "problem" in found:
        st.error(failure(found["problem"]), icon=":material/error:")
    else:
        st.caption(told(found, len(configs)), help=t("cost.help"))


def known_all(comparison: Comparison, lacking: set[str]) -> bool:
    """Whether a worker has told what each row costs of which runs are lacking."""
    return all(known(config) for config, _ in _rows(comparison, lacking))


def show_all(comparison: Comparison, lacking: set[str]) -> None:
    """A line for what a comparison still has to train; nothing where it lacks nothing."""
    rows = [(config, _read(config), count) for config, count in _rows(comparison, lacking)]
    unknown = [config for config, cost, _ in rows if cost is None]
    if unknown:
        _wait_for(unknown)
    elif rows:
        spent = sum(cost.get("seconds", 0.0) * count for _, cost, count in rows if cost) / executor().count
        st.caption(t("cost.all", seconds=f"{max(1.0, spent):.0f}", runs=len(lacking)))


def told(found: dict[str, Any], runs: int) -> Markdown:
    """E.g. "About 4 s · 45 k parameters · 1.2 M FLOPs and 80 kB a sample"."""
    sizes = {name: _short(float(found[name])) for name in ("parameters", "flops", "bytes")}
    key = "cost.before" if runs == 1 else "cost.before_each"
    return t(key, seconds=f"{found['seconds']:.0f}" if found["seconds"] >= 1 else "1", runs=runs, **sizes)


def _rows(comparison: Comparison, lacking: set[str]) -> list[tuple[RunConfig, int]]:
    """For each row that lacks runs: its first config, and how many are lacking."""
    rows = comparison.methods() | comparison.references()
    counted = [(rows[name][0], len(lacking.intersection(runs))) for name, runs in comparison.runs_of.items()]
    return [(first, count) for first, count in counted if count]


def _read(config: RunConfig) -> dict[str, Any] | None:
    return read(place(runs_root(), config))


def _wait_for(configs: list[RunConfig]) -> None:
    """Ask a warm worker; none is started for this. Where none will ever be warm, the next click on Train says so."""
    if not executor().broken:
        st.caption(t("cost.waiting"))
    for job in (estimate_task(runs_root(), config) for config in configs):
        if executor().ready and not executor().asking(job):
            executor().ask(job)


def _short(value: float) -> str:
    for unit in UNITS:
        if value < 1000:
            return f"{value:.3g} {unit}".strip()
        value /= 1000
    return f"{1000 * value:.3g} {UNITS[-1]}"
