"""Train and stop: buttons, errors, progress and how runs ended."""

from __future__ import annotations

import streamlit as st

from core.config import RunConfig
from core.errors import RunError
from core.runs import run_id
from dashboard import error_messages, permissions
from dashboard.services import executor
from dashboard.services import training as service
from dashboard.services.training import LIVE, Status, is_live, status_of
from dashboard.texts import Markdown, failure, plain, t

CROWDED = "crowded"  # the configs that wait for room


def train_button(label: Markdown, disabled: bool) -> None:
    """What it does is done at the beginning of the next run (`take_click`)."""
    icon = ":material/play_arrow:"
    st.button(label, key="train", type="primary", icon=icon, disabled=disabled, width="stretch")


def take_click(configs: list[RunConfig]) -> None:
    """Train these if somebody just asked for it: before anything is drawn, so that the first picture needs no rerun."""
    if st.session_state.get("train") and configs:
        submit(configs)


def times_seen_again(finished: bool) -> int:
    """How often somebody pressed the button of runs that are all finished: nothing to train, so they are played again."""
    if finished and st.session_state.get("train"):
        st.session_state["again"] = st.session_state.get("again", 0) + 1
    return int(st.session_state.get("again", 0))


def stop_button(live: list[str]) -> None:
    """Stop what waits or trains, where this person may."""
    kept = permissions.why(permissions.stop_refused(live))
    barred = not live or bool(kept)
    if st.button(t("stop"), key="stop", icon=":material/stop:", disabled=barred, help=kept, width="stretch"):
        stop(live)
        st.rerun()


def submit(configs: list[RunConfig]) -> list[str]:
    """Train these; the runs' names. An error is shown and gives none."""
    st.session_state.pop(CROWDED, None)
    with error_messages.trying():
        try:
            return permissions.submit(configs)
        except RunError as error:
            if error.key == "disk_cap":
                st.session_state[CROWDED] = configs
            raise
    return []


def stop(runs: list[str]) -> None:
    """This person no longer needs these."""
    own = [run for run in runs if permissions.change_refused(run) is None]
    error_messages.each(permissions.stop, own or runs)


def show_problems() -> None:
    """What could not be done; a full runs folder until there is room."""
    error_messages.show()
    if waiting := st.session_state.get(CROWDED):
        to_delete, mb = service.in_the_way(waiting)
        label = t("room.make", count=len(to_delete), mb=f"{mb:.1f}")
        why = permissions.why(permissions.owner_only())
        icon = ":material/delete_sweep:"
        if st.button(label, key="make_room", icon=icon, disabled=not to_delete or bool(why), help=why):
            st.dialog(t("room.title"))(_ask_for_room)(waiting)


def _ask_for_room(waiting: list[RunConfig]) -> None:
    """The question, and what happens after a yes: they go, and what was waiting is trained."""
    to_delete, mb = service.in_the_way(waiting)
    st.write(t("room.ask", count=len(to_delete), mb=f"{mb:.1f}"))
    st.caption(plain(", ".join(to_delete[:12]) + (" …" if len(to_delete) > 12 else "")))
    if st.button(t("room.yes"), key="make_room_yes", type="primary", on_click=_make_room, args=(waiting,)):
        st.rerun()


def _make_room(waiting: list[RunConfig]) -> None:
    with error_messages.trying():
        permissions.make_room({run_id(config) for config in waiting})
        submit(waiting)


def follow(runs: list[str]) -> None:
    """Progress every second while any of them waits or trains; the page runs again when the last one has ended."""
    live = [run for run in runs if is_live(run)]

    @st.fragment(run_every=1.0 if live else None)
    def progress() -> None:
        show_progress(runs)
        if live and not any(map(is_live, live)):
            st.rerun()

    progress()


def show_progress(runs: list[str]) -> None:
    """Progress and time left over all the runs, or how they ended."""
    statuses = [status_of(run) for run in runs]
    states = [status["status"] for status in statuses]
    show_ends(statuses)
    if any(state in LIVE for state in states):
        done = sum(1.0 if s["status"] == "finished" else (s.get("progress") or 0.0) for s in statuses) / len(statuses)
        st.progress(min(1.0, done), text=_running_text(runs, statuses))
        return
    if "gone" in states:
        st.info(t("status.gone"))
    elif "stopped" in states:
        st.info(t("status.stopped"), icon=":material/pause_circle:")
    elif states and set(states) == {"finished"}:
        seconds = sum(float(status.get("seconds") or 0) for status in statuses)
        st.caption(t("status.finished", seconds=f"{seconds:.1f}"))


def show_ends(statuses: list[Status]) -> None:
    """Why runs failed, or stopped although nobody stopped them; the same reason once."""
    ended = [status for status in statuses if status["status"] == "failed" or status.get("error")]
    for reason in dict.fromkeys(failure(status) for status in ended):
        st.error(plain(reason), icon=":material/error:")


def _running_text(runs: list[str], statuses: list[Status]) -> Markdown:
    running = [status for status in statuses if status["status"] == "running"]
    if not running:
        place = executor().place(runs[0])
        if place is None or not executor().ready:
            return t("status.warming")
        text = t("status.queued", position=place.position)
        return text if place.seconds is None else text + t("status.wait", seconds=f"{place.seconds:.0f}")
    left = [float(status["seconds_left"]) for status in running if status.get("seconds_left") is not None]
    waiting = sum(status["status"] == "queued" for status in statuses)
    text = t("status.left", seconds=f"{max(left):.0f}") if left else t("status.begun")
    return text + t("status.more", count=waiting) if waiting else text
