"""All runs: open one as a replay, copy the line that makes it again, delete, clear the folder for the next lesson."""

from collections.abc import Callable

import streamlit as st

from core.errors import FusionariumError
from core.runs import Runs, Summary, disk_cap_mb, is_newer, read_config, store
from dashboard import error_messages, live_views, permissions, run_list, training
from dashboard.services import runs_root
from dashboard.state.runs import RunsState
from dashboard.state.session import change, current
from dashboard.texts import clean, plain, sentence, t

MOST_NAMED = 60  # characters of a run's name

try:
    runs = Runs(runs_root())
except FusionariumError as error:
    st.error(sentence(error), icon=":material/folder_off:")
    st.stop()
summaries = runs.summaries(sizes=True)


def kept(item: Summary) -> bool:
    """Runs that wait or train, and those of a newer version, which is able to open them."""
    return item.status.get("status") in training.LIVE or is_newer(item.problem)


def size_mb(items: list[Summary]) -> float:
    """What these take on disk."""
    return sum(item.bytes or 0 for item in items) / 1e6


def remove(names: list[str], how: Callable[[str], object]) -> None:
    """Delete runs; one that cannot be deleted says why and stays."""
    change(RunsState, run="")
    error_messages.each(how, names)
    st.rerun()


def let_go_or_delete(name: str) -> None:
    """One that others asked for too stays for them."""
    if not permissions.delete(name):
        st.toast(t("access.gone_for_you", name=name), icon=":material/group:")


@st.dialog(t("runs.reset"))
def reset() -> None:
    """Ask before everything that nobody starred goes."""
    to_delete = [item for item in summaries if not (item.label.get("star") or kept(item))]
    st.write(t("runs.reset.ask", count=len(to_delete), mb=f"{size_mb(to_delete):.1f}"))
    if st.button(t("runs.reset.yes"), key="reset_yes", type="primary", disabled=not to_delete):
        remove([item.run for item in to_delete], permissions.reset)


@st.dialog(t("runs.delete"))
def delete(name: str) -> None:
    """Ask before a run goes."""
    st.write(t("access.let_go") if permissions.shared(name) else t("runs.delete.ask", name=name))
    if st.button(t("runs.delete.yes"), key="delete_yes", type="primary"):
        remove([name], let_go_or_delete)


training.show_trouble()
head, tidy, _ = st.columns([1.2, 1, 2.8], vertical_alignment="bottom")
head.markdown(f"#### {t('page.runs')}")
head.caption(t("runs.disk", count=len(summaries), mb=f"{size_mb(summaries):.1f}", cap=f"{disk_cap_mb():g}"))
barred = permissions.why(permissions.owner_only())
if tidy.button(
    t("runs.reset"),
    key="reset",
    icon=":material/cleaning_services:",
    disabled=not summaries or bool(barred),
    help=barred,
    width="stretch",
):
    reset()
run_list.troubles(summaries, current(RunsState).run)
if not summaries:
    st.info(t("runs.empty"), icon=":material/info:")
elif clicked := run_list.show(summaries, tall=not current(RunsState).run):
    change(RunsState, run=clicked)
if summaries and not current(RunsState).run:
    st.caption(t("runs.open"))

run = current(RunsState).run
why = permissions.why(permissions.change_refused(run)) if run else None
broken = next((item.problem for item in summaries if item.run == run and item.problem), None)
folder = store.find_run(runs_root(), run) if run and not broken else None
if broken:
    st.error(sentence(broken), icon=":material/broken_image:")
    if st.button(t("runs.delete"), key="delete", icon=":material/delete:", disabled=bool(why), help=why):
        delete(run)
elif run and folder is None:
    st.warning(t("error.unknown_run", name=run, where=runs_root().name), icon=":material/delete:")
if folder is not None:
    try:
        config = read_config(folder)
    except FusionariumError as error:
        st.error(sentence(error), icon=":material/broken_image:")
        if st.button(t("runs.delete"), key="delete", icon=":material/delete:", disabled=bool(why), help=why):
            delete(run)
        st.stop()
    name, line, again, star, bin_ = st.columns([1.3, 3.4, 0.8, 0.8, 0.8], vertical_alignment="center")
    label = runs.label(run)
    named = clean(label.get("name", ""), MOST_NAMED)
    called = name.text_input(
        plain(run),
        value=named,
        max_chars=MOST_NAMED,
        placeholder=t("runs.rename"),
        key=f"name {run}",
        disabled=store.is_shipped(run) or bool(why),
        help=why,
    )
    if called != named:
        with error_messages.trying():
            permissions.label(run, name=called)
            st.rerun()
    with again.popover(t("runs.python"), icon=":material/code:", width="stretch"):
        st.code(training.python_lines(config), language="python")
    starred = star.toggle(
        t("runs.star"),
        value=bool(label.get("star")),
        key=f"star {run}",
        help=t("runs.star.help") if why is None else why,
        disabled=store.is_shipped(run) or bool(why),
    )
    if starred != bool(label.get("star")):
        with error_messages.trying():
            permissions.label(run, star=starred)
            st.rerun()
    line.code(training.command_line([config]), language="bash", wrap_lines=True)
    if bin_.button(
        t("runs.delete"),
        key="delete",
        icon=":material/delete:",
        width="stretch",
        disabled=store.is_shipped(run) or bool(why),
        help=why,
    ):
        delete(run)
    live = training.status_of(run)["status"] in training.LIVE

    @st.fragment(run_every=1.0 if live else None)
    def progress() -> None:
        training.paint([run])
        training.show_progress([run])
        if others := training.others_trained_with(run):
            st.caption(t("runs.together", count=others))
        if live and training.status_of(run)["status"] not in training.LIVE:
            st.rerun()

    progress()
    picture, side = st.columns([1.6, 1], gap="medium")
    with picture:
        live_views.show_transport([run], key="transport")
        live_views.show_map([run], key="map", height=400)
    with side:
        live_views.show_numbers([run], key="numbers")
        live_views.show_matrix([run], key="matrix", height=320)
    live_views.show_curves([run], key="curves", height=230, charts=("loss", "score", "balance"))
