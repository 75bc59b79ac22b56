"""What a page does with training: submit, stop, say how it stands. The work itself happens in other processes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from core import catalog
from core.compare.comparison import single
from core.config import RunConfig
from core.errors import RunError
from core.paths import as_typed
from core.runs import ROOM, disk_cap_mb, run_id, store
from core.runs.contributions import against_alone
from dashboard import error_messages, permissions
from dashboard.services import executor, runs_root
from dashboard.texts import Markdown, failure, plain, sentence, t

LIVE = ("queued", "running")


def submit(configs: list[RunConfig]) -> list[str]:
    """Train these; the runs' names. An error is said and gives none."""
    st.session_state.pop("crowded", None)
    with error_messages.trying():
        try:
            return permissions.submit(configs)
        except RunError as error:
            if error.key == "disk_cap":
                st.session_state["crowded"] = configs
            raise
    return []


def stop(runs: list[str]) -> None:
    """This person no longer needs these."""
    own = [run for run in runs if permissions.change_refused(run) is None]
    error_messages.each(permissions.stop, own or runs)


def existing(configs: list[RunConfig]) -> list[str]:
    """The runs of these configs that have been trained, or are being."""
    names = [run_id(config) for config in configs]
    return [name for name in names if _unopened(name) or store.find_run(runs_root(), name)]


def alone(config: RunConfig) -> dict[str, dict[str, Any]]:
    """modality -> what the run on it alone with the same choices came to, where that has been trained, and how this run's
    encoder compares, as soon as it has finished (`against_alone`)."""
    fusion = single()
    if fusion is None:
        return {}
    parameter = next(p["name"] for p in fusion["parameters"] if p["kind"] == "modality")
    shared = {n: v for n, v in config.changed().items() if not n.startswith(("fusion.", "objective.", "strategy"))}
    accuracies = {}
    for name in catalog.modalities(catalog.dataset(config.dataset), dict(config.data_settings)):
        by_itself = RunConfig.make(config.dataset, fusion["name"], settings={**shared, f"fusion.{parameter}": name})
        if (accuracy := _metrics(by_itself).get("test/accuracy")) is not None:
            accuracies[name] = accuracy
    return against_alone(_metrics(config), accuracies) if accuracies else {}


def _metrics(config: RunConfig) -> dict[str, float]:
    """The last metrics of this config's run; {} before it has finished."""
    folder = store.find_run(runs_root(), run_id(config))
    if folder and store.is_own_file(folder / "result.json"):
        with suppress(RunError):  # the page of runs says what is wrong with that one
            return dict(store.read_result(folder)["metrics"])
    return {}


def paint(runs: list[str]) -> None:
    """Have the pictures made that these runs lack: runs of the command line were never watched."""
    for run in runs:
        folder = store.find_run(runs_root(), run)
        running = status_of(run)["status"] == "running"  # perhaps by the command line, which paints nothing
        if folder and (running or len(store.steps(folder, "frames")) > len(store.steps(folder, "projection"))):
            executor().start()
            executor().watch(run)


def status_of(run: str) -> dict[str, Any]:
    """The truth about a run; one that is gone or broken says so."""
    if early := _unopened(run):
        return early
    folder = store.find_run(runs_root(), run)
    if folder is None:
        return {"status": "gone"}
    try:
        return store.read_status(folder)
    except RunError as error:
        return {"status": "failed", "message": sentence(error)}


def _unopened(run: str) -> dict[str, Any] | None:
    """The status of a run whose folder is still being made."""
    try:
        return executor().unopened(run)
    except RunError:  # no folder can be made there; the page says so where something is to be trained
        return None


def others_trained_with(run: str) -> int:
    """How many other seeds were trained together with this one."""
    together = status_of(run).get("together")
    return int(together) - 1 if store.is_number(together) else 0


def show_trouble() -> None:
    """What could not be done; a full runs folder until there is room."""
    error_messages.show()
    if waiting := st.session_state.get("crowded"):
        to_delete, mb = _in_the_way(waiting)
        label = t("room.make", count=len(to_delete), mb=f"{mb:.1f}")
        why = permissions.why(permissions.owner_only())
        icon = ":material/delete_sweep:"
        if st.button(label, key="make_room", icon=icon, disabled=not to_delete or bool(why), help=why):
            st.dialog(t("room.title"))(_ask_for_room)(waiting)


def _in_the_way(waiting: list[RunConfig]) -> tuple[list[str], float]:
    """The runs that would have to go before these can be trained, and their size."""
    runs = executor().runs
    to_delete = runs.to_clear(ROOM * disk_cap_mb(), {run_id(config) for config in waiting})
    return to_delete, runs.mb(to_delete)


def _ask_for_room(waiting: list[RunConfig]) -> None:
    """The question, and what happens after a yes: they go, and what was waiting is trained."""
    to_delete, mb = _in_the_way(waiting)
    st.write(t("room.ask", count=len(to_delete), mb=f"{mb:.1f}"))
    st.caption(plain(", ".join(to_delete[:12]) + (" …" if len(to_delete) > 12 else "")))
    if st.button(t("room.yes"), key="make_room_yes", type="primary", on_click=_make_room, args=(waiting,)):
        st.rerun()


def _make_room(waiting: list[RunConfig]) -> None:
    with error_messages.trying():
        permissions.make_room({run_id(config) for config in waiting})
        submit(waiting)


def show_progress(runs: list[str]) -> None:
    """Progress and time left over all the runs, or how they ended. Call inside a fragment that runs every second."""
    found = [status_of(run) for run in runs]
    states = [status["status"] for status in found]
    show_ends(found)
    if any(state in LIVE for state in states):
        done = sum(1.0 if s["status"] == "finished" else (s.get("progress") or 0.0) for s in found) / len(found)
        st.progress(min(1.0, done), text=_running_text(runs, found))
        return
    if "gone" in states:
        st.info(t("status.gone"))
    elif "stopped" in states:
        st.info(t("status.stopped"), icon=":material/pause_circle:")
    elif states and set(states) == {"finished"}:
        seconds = sum(float(status.get("seconds") or 0) for status in found)
        st.caption(t("status.finished", seconds=f"{seconds:.1f}"))


def show_ends(found: list[dict[str, Any]]) -> None:
    """Why runs failed, or stopped although nobody stopped them; the same reason once."""
    ended = [status for status in found if status["status"] == "failed" or status.get("error")]
    for said in dict.fromkeys(failure(status) for status in ended):
        st.error(plain(said), icon=":material/error:")


def _running_text(runs: list[str], found: list[dict[str, Any]]) -> Markdown:
    running = [status for status in found if status["status"] == "running"]
    if not running:
        place = executor().place(runs[0])
        if place is None or not executor().ready:
            return t("status.warming")
        said = t("status.queued", position=place.position)
        return said if place.seconds is None else said + t("status.wait", seconds=f"{place.seconds:.0f}")
    left = [float(status["seconds_left"]) for status in running if status.get("seconds_left") is not None]
    waiting = sum(status["status"] == "queued" for status in found)
    said = t("status.left", seconds=f"{max(left):.0f}") if left else t("status.begun")
    return said + t("status.more", count=waiting) if waiting else said


def command_line(configs: list[RunConfig]) -> str:
    """The commands that train these runs from a terminal, one per run; what is default is left out."""
    return "\n".join(_command(config) for config in configs)


def python_lines(config: RunConfig) -> str:
    """Python that trains this run in a notebook."""
    made = ", ".join(repr(part) for part in (config.dataset, config.fusion, config.objective))
    return (
        "from core.config import RunConfig\nfrom core.train import train\n\n"
        f"config = RunConfig.make({made}, settings={config.changed()!r})\n"
        "for step in train(config):\n    print(step.step, step.values)\n"
    )


def _command(config: RunConfig) -> str:
    words = [as_typed("python -m core train"), f"--dataset {config.dataset}", f"--fusion {config.fusion}"]
    words += [f"--objective {config.objective}", f"--seed {config.seed}"]
    words += [
        f"--set {name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in config.changed().items()
        if name != "seed"
    ]
    return " ".join(words)
