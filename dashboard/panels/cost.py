"""What a training will cost, shown before it is launched."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from core.compare.comparison import Comparison
from core.config import RunConfig
from dashboard.services import estimates, executor
from dashboard.services.estimates import Estimate
from dashboard.texts import Markdown, failure, plain, t

UNITS = ("", "k", "M", "G", "T")
NOTHING = Markdown("")
EVERY = 0.5  # seconds between looks at whether a worker has answered


def show(configs: list[RunConfig], lead: Markdown) -> None:
    """What these seeds of one choice will cost, after the sentence `lead`; nothing without any."""
    waiting = bool(configs) and not estimates.known(configs[0])

    @st.fragment(run_every=EVERY if waiting else None)
    def price() -> None:
        if configs:
            _show_estimate(configs, lead)
        if waiting and estimates.known(configs[0]):
            st.rerun()

    price()


def show_all(comparison: Comparison, lacking: set[str]) -> None:
    """What a comparison still has to train; nothing where it lacks nothing."""
    waiting = not estimates.known_all(comparison, lacking)

    @st.fragment(run_every=EVERY if waiting else None)
    def price() -> None:
        _show_sum(comparison, lacking)
        if waiting and estimates.known_all(comparison, lacking):
            st.rerun()

    price()


def line(estimate: Estimate, runs: int) -> Markdown:
    """E.g. "About 4 s · 45 k parameters · 1.2 M FLOPs and 80 kB per sample"."""
    sizes = {name: _short(float(estimate[name])) for name in ("parameters", "flops", "bytes")}
    key = "cost.before" if runs == 1 else "cost.before_each"
    return t(key, seconds=f"{estimate['seconds']:.0f}" if estimate["seconds"] >= 1 else "1", runs=runs, **sizes)


def _show_estimate(configs: list[RunConfig], lead: Markdown) -> None:
    estimate = estimates.estimate(configs[0])
    if estimate is None:
        _wait_for(configs[:1], lead)
    elif "problem" in estimate:
        st.error(failure(estimate["problem"]), icon=":material/error:")
    else:
        st.caption(lead + " " + line(estimate, len(configs)), help=t("cost.help"))


def _show_sum(comparison: Comparison, lacking: set[str]) -> None:
    rows = [(config, estimates.estimate(config), count) for config, count in estimates.rows(comparison, lacking)]
    unknown = [config for config, cost, _ in rows if cost is None]
    if unknown:
        _wait_for(unknown)
    elif rows:
        spent = sum(cost.get("seconds", 0.0) * count for _, cost, count in rows if cost) / executor().count
        st.caption(t("cost.all", seconds=f"{max(1.0, spent):.0f}", runs=len(lacking)))


def _wait_for(configs: Iterable[RunConfig], lead: Markdown = NOTHING) -> None:
    if not executor().broken:
        st.caption(lead + " " + t("cost.waiting"))
    elif lead:
        st.caption(plain(lead))
    estimates.request(configs)


def _short(value: float) -> str:
    for unit in UNITS:
        if value < 1000:
            return f"{value:.3g} {unit}".strip()
        value /= 1000
    return f"{1000 * value:.3g} {UNITS[-1]}"
