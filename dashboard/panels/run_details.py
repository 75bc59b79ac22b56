"""One run of the list: its name, star, command lines, state and pictures; and the confirmations before runs are deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import streamlit as st

from core.config import RunConfig
from core.errors import FusionariumError
from core.runs import Runs, Summary, read_config, store
from dashboard import error_messages, live_views, permissions
from dashboard.panels import training
from dashboard.services import runs_root
from dashboard.services.run_search import is_kept, size_mb
from dashboard.services.training import command_line, is_live, others_trained_with, python_lines, render_missing
from dashboard.state.runs import RunsState
from dashboard.state.session import change
from dashboard.texts import Markdown, clean, plain, sentence, t

MOST_NAMED = 60  # characters of a run's name


def show(run: str, runs: Runs, unreadable: FusionariumError | None) -> None:
    """The open run, or why it cannot be shown."""
    why = permissions.why(permissions.change_refused(run))
    if unreadable:
        _show_broken(run, unreadable, why)
        return
    folder = store.find_run(runs_root(), run)
    if folder is None:
        st.warning(t("error.unknown_run", name=run, where=runs_root().name), icon=":material/delete:")
        return
    try:
        config = read_config(folder)
    except FusionariumError as error:
        _show_broken(run, error, why)
        return
    _show_head(run, runs, config, why)
    _follow(run)
    _show_pictures(run)


def reset_button(summaries: list[Summary]) -> None:
    """Clear the folder for the next lesson, after a question."""
    barred = permissions.why(permissions.owner_only())
    icon, disabled = ":material/cleaning_services:", not summaries or bool(barred)
    if st.button(t("runs.reset"), key="reset", icon=icon, disabled=disabled, help=barred, width="stretch"):
        st.dialog(t("runs.reset"))(_ask_before_reset)(summaries)


def _ask_before_reset(summaries: list[Summary]) -> None:
    to_delete = [item for item in summaries if not (item.label.get("star") or is_kept(item))]
    st.write(t("runs.reset.ask", count=len(to_delete), mb=f"{size_mb(to_delete):.1f}"))
    if st.button(t("runs.reset.yes"), key="reset_yes", type="primary", disabled=not to_delete):
        _remove((item.run for item in to_delete), permissions.reset)


def _delete_button(run: str, why: Markdown | None, wide: bool = False) -> None:
    width: Literal["stretch", "content"] = "stretch" if wide else "content"
    disabled = store.is_shipped(run) or bool(why)
    if st.button(t("runs.delete"), key="delete", icon=":material/delete:", disabled=disabled, help=why, width=width):
        st.dialog(t("runs.delete"))(_ask_before_delete)(run)


def _ask_before_delete(run: str) -> None:
    st.write(t("access.let_go") if permissions.shared(run) else t("runs.delete.ask", name=run))
    if st.button(t("runs.delete.yes"), key="delete_yes", type="primary"):
        _remove([run], _let_go_or_delete)


def _remove(names: Iterable[str], how: Callable[[str], object]) -> None:
    """Delete runs; one that cannot be deleted says why and stays."""
    change(RunsState, run="")
    error_messages.each(how, names)
    st.rerun()


def _let_go_or_delete(run: str) -> None:
    """One that others asked for too stays for them."""
    if not permissions.delete(run):
        st.toast(t("access.gone_for_you", name=run), icon=":material/group:")


def _show_broken(run: str, error: FusionariumError, why: Markdown | None) -> None:
    st.error(sentence(error), icon=":material/broken_image:")
    _delete_button(run, why)


def _show_head(run: str, runs: Runs, config: RunConfig, why: Markdown | None) -> None:
    name, line, python, star, delete = st.columns([1.3, 3.4, 0.8, 0.8, 0.8], vertical_alignment="center")
    label = runs.label(run)
    with name:
        _name_field(run, clean(label.get("name", ""), MOST_NAMED), why)
    with python.popover(t("runs.python"), icon=":material/code:", width="stretch"):
        st.code(python_lines(config), language="python")
    with star:
        _star(run, bool(label.get("star")), why)
    line.code(command_line([config]), language="bash", wrap_lines=True)
    with delete:
        _delete_button(run, why, wide=True)


def _name_field(run: str, named: str, why: Markdown | None) -> None:
    typed = st.text_input(
        plain(run),
        value=named,
        max_chars=MOST_NAMED,
        placeholder=t("runs.rename"),
        key=f"name {run}",
        disabled=store.is_shipped(run) or bool(why),
        help=why,
    )
    if typed != named:
        with error_messages.trying():
            permissions.label(run, name=typed)
            st.rerun()


def _star(run: str, standing: bool, why: Markdown | None) -> None:
    starred = st.toggle(
        t("runs.star"),
        value=standing,
        key=f"star {run}",
        help=t("runs.star.help") if why is None else why,
        disabled=store.is_shipped(run) or bool(why),
    )
    if starred != standing:
        with error_messages.trying():
            permissions.label(run, star=starred)
            st.rerun()


def _follow(run: str) -> None:
    live = is_live(run)

    @st.fragment(run_every=1.0 if live else None)
    def progress() -> None:
        render_missing([run])
        training.show_progress([run])
        if others := others_trained_with(run):
            st.caption(t("runs.together", count=others))
        if live and not is_live(run):
            st.rerun()

    progress()


def _show_pictures(run: str) -> None:
    picture, side = st.columns([1.6, 1], gap="medium")
    with picture:
        live_views.show_transport([run], key="transport")
        live_views.show_map([run], key="map", height=400)
    with side:
        live_views.show_numbers([run], key="numbers")
        live_views.show_matrix([run], key="matrix", height=320)
    live_views.show_curves([run], key="curves", height=230, charts=("loss", "score", "balance"))
