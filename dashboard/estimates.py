"""What a training will cost, said before it is launched. A worker makes the figures, once a choice."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.compare.advice import read
from core.compare.desk import estimate_job
from core.compare.estimates import place
from core.config import RunConfig
from dashboard.services import executor, runs_root
from dashboard.texts import failure, t

UNITS = ("", "k", "M", "G", "T")


def known(config: RunConfig) -> bool:
    """Whether a worker has told already, be it that it cannot be trained."""
    return _read(config) is not None


def show(configs: list[RunConfig]) -> None:
    """A line of figures for these seeds of one choice; the question goes to a worker."""
    found = _read(configs[0])
    if found is None:
        _ask(configs[0])
        st.caption(t("cost.waiting"))
    elif "problem" in found:
        st.error(failure(found["problem"]), icon=":material/error:")
    else:
        st.caption(told(found, len(configs)), help=t("cost.help"))


def told(found: dict[str, Any], runs: int) -> str:
    """E.g. "About 4 s · 45 k parameters · 1.2 M FLOPs and 80 kB a sample"."""
    sizes = {name: _short(float(found[name])) for name in ("parameters", "flops", "bytes")}
    key = "cost.before" if runs == 1 else "cost.before_each"
    return t(key, seconds=f"{found['seconds']:.0f}" if found["seconds"] >= 1 else "1", runs=runs, **sizes)


def _read(config: RunConfig) -> dict[str, Any] | None:
    return read(place(runs_root(), config))


def _ask(config: RunConfig) -> None:
    """A worker is not started for this: it is asked once it is warm."""
    job = estimate_job(runs_root(), config)
    if executor().ready and not executor().asking(job):
        executor().ask(job)


def _short(value: float) -> str:
    for unit in UNITS:
        if value < 1000:
            return f"{value:.3g} {unit}".strip()
        value /= 1000
    return f"{1000 * value:.3g} {UNITS[-1]}"
