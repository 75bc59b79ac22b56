"""All runs: open one as a replay, copy the line that makes it again, delete, clear the folder for the next lesson."""

import datetime

import pandas as pd
import streamlit as st

from core import catalog, store
from core.errors import FusionariumError
from core.runs import Runs, Summary, disk_cap_mb, read_config
from dashboard import observe, state, training
from dashboard.services import runs_root
from dashboard.texts import of, sentence, t

try:
    runs = Runs(runs_root())
except FusionariumError as error:
    st.error(sentence(error), icon=":material/folder_off:")
    st.stop()
summaries = runs.summaries()


def title(shelf: str, name: str) -> str:
    """A method's title; the bare name where the catalogue does not know it (any more)."""
    return next((of(shelf, entry) for entry in catalog.catalog()[shelf] if entry["name"] == name), name)


def row(item: Summary) -> dict[str, object]:
    """One line of the table."""
    config, metrics = item.config, item.metrics
    return {
        "star": bool(item.label.get("star")),
        "run": item.run,
        "state": t(f"state.{item.status['status']}") if not item.problem else t("state.broken"),
        "dataset": title("datasets", config.get("dataset", "")),
        "fusion": title("fusions", config.get("fusion", "")),
        "objective": " + ".join(title("objectives", term) for term in config.get("objective", "").split("+")),
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
head, tidy, _ = st.columns([1.2, 1, 2.8], vertical_alignment="bottom")
head.markdown(f"#### {t('page.runs')}")
head.caption(t("runs.disk", count=len(summaries), mb=f"{runs.used_mb():.1f}", cap=f"{disk_cap_mb():g}"))
if tidy.button(
    t("runs.reset"), key="reset", icon=":material/cleaning_services:", disabled=not summaries, width="stretch"
):
    reset()
for item in summaries:
    if item.problem and item.run != state.current().run:
        st.warning(sentence(item.problem), icon=":material/broken_image:")
if not summaries:
    st.info(t("runs.empty"), icon=":material/info:")
else:
    columns = {name: t(f"runs.{name}") for name in row(summaries[0])}
    formats = {
        "star": st.column_config.CheckboxColumn(columns["star"], width="small"),
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
        placeholder="–",
        selection_mode=["single-row", "single-cell"],
        on_select="rerun",
    )
    touched = [*picked["selection"]["rows"], *(cell[0] for cell in picked["selection"]["cells"])]
    if touched != st.session_state.get("touched"):  # a standing selection is no new wish
        st.session_state["touched"] = touched
        if touched and touched[0] < len(summaries):
            state.change(run=summaries[touched[0]].run)
    if not state.current().run:
        st.caption(t("runs.open"))

run = state.current().run
broken = next((item.problem for item in summaries if item.run == run and item.problem), None)
folder = store.find_run(runs_root(), run) if run and not broken else None
if broken:
    st.error(sentence(broken), icon=":material/broken_image:")
    if st.button(t("runs.delete"), key="delete", icon=":material/delete:"):
        delete(run)
elif run and folder is None:
    st.warning(t("error.unknown_run", name=run, where=runs_root().name), icon=":material/delete:")
if folder is not None:
    try:
        config = read_config(folder)
    except FusionariumError as error:
        st.error(sentence(error), icon=":material/broken_image:")
        if st.button(t("runs.delete"), key="delete", icon=":material/delete:"):
            delete(run)
        st.stop()
    name, line, star, bin_ = st.columns([1, 4, 0.8, 0.8], vertical_alignment="center")
    name.markdown(f"##### {run}")
    label = runs.label(run)
    starred = star.toggle(
        t("runs.star"),
        value=bool(label.get("star")),
        key=f"star {run}",
        help=t("runs.star.help"),
        disabled=store.is_shipped(run),
    )
    if starred != bool(label.get("star")):
        runs.set_label(run, star=starred)
        st.rerun()
    line.code(training.command_line([config]), language="bash", wrap_lines=True)
    if bin_.button(
        t("runs.delete"),
        key="delete",
        icon=":material/delete:",
        width="stretch",
        disabled=store.is_shipped(run),
    ):
        delete(run)
    live = training.status_of(run)["status"] in training.LIVE

    @st.fragment(run_every=1.0 if live else None)
    def progress() -> None:
        training.paint([run])
        training.show_progress([run])
        if live and training.status_of(run)["status"] not in training.LIVE:
            st.rerun()

    progress()
    picture, side = st.columns([1.6, 1], gap="medium")
    with picture:
        observe.show_transport([run], key="transport")
        observe.show_map([run], key="map", height=400)
    with side:
        observe.show_numbers([run], key="numbers")
        observe.show_matrix([run], key="matrix", height=320)
    observe.show_curves([run], key="curves", height=230, charts=("loss", "score", "balance"))
