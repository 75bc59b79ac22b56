"""All runs: open one as a replay, copy the line that makes it again, delete, clear the folder for the next lesson."""

import datetime

import pandas as pd
import streamlit as st

from core import store
from core.errors import FusionariumError
from core.runs import DISK_CAP_MB, Runs, Summary, read_config
from dashboard import observe, state, training
from dashboard.services import runs_root
from dashboard.texts import sentence, t

runs = Runs(runs_root())
summaries = runs.summaries()


def row(item: Summary) -> dict[str, object]:
    """One line of the table."""
    config, metrics = item.config, item.metrics
    return {
        "run": item.run,
        "state": t(f"state.{item.status['status']}") if not item.problem else t("state.broken"),
        "dataset": config.get("dataset", ""),
        "fusion": config.get("fusion", ""),
        "objective": config.get("objective", ""),
        "seed": config.get("seed"),
        "accuracy": metrics.get("test/accuracy"),
        "recall": metrics.get("test/recall@1"),
        "seconds": item.status.get("seconds"),
        "size": item.bytes / 1e6,
        "made": datetime.datetime.fromtimestamp(item.created),
    }


def remove(names: list[str]) -> None:
    """Delete runs; one that cannot be deleted says why and stays."""
    for name in names:
        try:
            runs.delete(name)
        except FusionariumError as error:
            st.session_state["trouble"] = sentence(error)
    state.change(run="")
    st.rerun()


@st.dialog(t("runs.reset"))
def reset() -> None:
    """Ask before everything that nobody starred goes."""
    doomed = [
        item for item in summaries if not item.label.get("star") and item.status.get("status") not in training.LIVE
    ]
    st.write(t("runs.reset.ask", count=len(doomed), mb=f"{sum(item.bytes for item in doomed) / 1e6:.1f}"))
    if st.button(t("runs.reset.yes"), key="reset_yes", type="primary", disabled=not doomed):
        remove([item.run for item in doomed])


@st.dialog(t("runs.delete"))
def delete(name: str) -> None:
    """Ask before a run goes."""
    st.write(t("runs.delete.ask", name=name))
    if st.button(t("runs.delete.yes"), key="delete_yes", type="primary"):
        remove([name])


training.show_trouble()
head, tidy = st.columns([4, 1], vertical_alignment="bottom")
head.markdown(f"#### {t('page.runs')}")
head.caption(t("runs.disk", count=len(summaries), mb=f"{runs.used_mb():.1f}", cap=DISK_CAP_MB))
if tidy.button(
    t("runs.reset"), key="reset", icon=":material/cleaning_services:", disabled=not summaries, width="stretch"
):
    reset()
for item in summaries:
    if item.problem:
        st.warning(sentence(item.problem), icon=":material/broken_image:")
if not summaries:
    st.info(t("runs.empty"), icon=":material/info:")
else:
    columns = {name: t(f"runs.{name}") for name in row(summaries[0])}
    formats = {
        "accuracy": st.column_config.NumberColumn(columns["accuracy"], format="%.3f"),
        "recall": st.column_config.NumberColumn(columns["recall"], format="%.3f"),
        "seconds": st.column_config.NumberColumn(columns["seconds"], format="%.1f s"),
        "size": st.column_config.NumberColumn(columns["size"], format="%.1f MB"),
        "made": st.column_config.DatetimeColumn(columns["made"], format="YYYY-MM-DD HH:mm"),
    }
    table = pd.DataFrame([row(item) for item in summaries])
    picked = st.dataframe(
        table,
        key="table",
        hide_index=True,
        height=min(280, 38 + 35 * len(table)),
        column_config={**columns, **formats},
        selection_mode="single-row",
        on_select="rerun",
    )
    if picked["selection"]["rows"]:
        chosen = summaries[picked["selection"]["rows"][0]].run
        if chosen != state.current().run:
            state.change(run=chosen)

run = state.current().run
folder = store.find_run(runs_root(), run) if run else None
if run and folder is None:
    st.warning(t("error.unknown_run", name=run, where=runs_root().name), icon=":material/delete:")
if folder is not None:
    try:
        config = read_config(folder)
    except FusionariumError as error:
        st.error(sentence(error), icon=":material/broken_image:")
        if st.button(t("runs.delete"), key="delete", icon=":material/delete:"):
            delete(run)
        st.stop()
    title, line, bin_ = st.columns([1, 4, 0.8], vertical_alignment="center")
    title.markdown(f"##### {run}")
    line.code(training.command_line([config]), language="bash")
    if bin_.button(
        t("runs.delete"),
        key="delete",
        icon=":material/delete:",
        width="stretch",
        disabled=store.is_shipped(run),
    ):
        delete(run)
    training.paint([run])
    training.show_progress([run])
    picture, side = st.columns([1.6, 1], gap="medium")
    with picture:
        observe.show_transport([run], key="transport")
        observe.show_map([run], key="map", height=400)
    with side:
        observe.show_numbers([run], key="numbers")
        observe.show_matrix([run], key="matrix", height=320)
    observe.show_curves([run], key="curves", height=230)
