"""The list of runs as a person wants it: searched, filtered, sorted, a page at a time. Only the page shown is built."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import catalog
from core.runs import Summary, is_newer, store
from dashboard.panels import run_table
from dashboard.services.run_search import SORTS, Filter, select, state_of
from dashboard.texts import clean, of, sentence, t, words

PAGE = 50  # runs on a page
TALL, LOW = 470, 280  # pixels that the table takes at most: alone, and above an open run
FEW = 8  # up to which nobody needs to search
NAMED = 6  # runs that a sentence about many names
KEYS = ("find", "find_data", "find_method", "find_state", "find_star", "find_sort")


def show(summaries: Sequence[Summary], tall: bool) -> str | None:
    """The controls and the page of the table, `tall` where nothing stands below; the run that somebody has just clicked on."""
    wanted = _controls(summaries) if len(summaries) > FEW else Filter()
    chosen = select(summaries, wanted, _titles)
    if not chosen:
        st.info(t("runs.none"), icon=":material/search_off:")
        st.button(t("runs.clear"), key="find_clear", on_click=_clear)
        return None
    first = _first(len(chosen))
    shown = chosen[first : first + PAGE]
    clicked = _table(shown, f"{first} {hash(wanted)}", TALL if tall else LOW)
    if len(chosen) > PAGE:
        _pager(first, len(chosen))
    return clicked


def show_problems(summaries: Sequence[Summary], opened: str) -> None:
    """What cannot be read, in one line however many there are; the run that is open says it itself."""
    unreadable = [item for item in summaries if item.problem and item.run != opened]
    newer = [item for item in unreadable if is_newer(item.problem)]
    if newer:
        engines = sorted({str(item.problem.values["engine"]) for item in newer if item.problem})
        named = {"count": len(newer), "engines": ", ".join(engines[:3]), "names": _names(newer)}
        st.info(t("runs.newer", **named), icon=":material/upgrade:")
    broken = [item for item in unreadable if not is_newer(item.problem)]
    if len(broken) == 1 and broken[0].problem:
        st.warning(sentence(broken[0].problem), icon=":material/broken_image:")
    elif broken:
        st.warning(t("runs.broken", count=len(broken), names=_names(broken)), icon=":material/broken_image:")


def _controls(summaries: Sequence[Summary]) -> Filter:
    """The row of controls; a changed one begins at the first page."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="run_filter"):
        text = st.text_input(
            t("runs.search"), key="find", max_chars=80, placeholder=words("runs.search.hint"), on_change=_begin
        )
        dataset = _choice("find_data", "dataset", {str(i.config["dataset"]) for i in summaries if i.config}, "datasets")
        fusion = _choice("find_method", "fusion", {str(i.config["fusion"]) for i in summaries if i.config}, "fusions")
        states = [s for s in (*store.STATES, "broken", "newer") if s in {state_of(item) for item in summaries}]
        state = st.selectbox(
            t("runs.state"),
            ["", *states],
            key="find_state",
            format_func=lambda name: words(f"state.{name}") if name else words("runs.all"),
            on_change=_begin,
        )
        sort = st.selectbox(
            t("runs.sort"),
            list(SORTS),
            key="find_sort",
            format_func=lambda name: words(f"runs.sort.{name}"),
            on_change=_begin,
        )
        starred = st.toggle(t("runs.starred"), key="find_star", on_change=_begin)
    return Filter(text or "", dataset, fusion, state or "", starred, sort or "newest")


def _choice(key: str, column: str, present: set[str], shelf: str) -> str:
    entries = {entry["name"]: entry for entry in catalog.catalog()[shelf] if entry["name"] in present}
    return (
        st.selectbox(
            t(f"runs.{column}"),
            ["", *entries],
            key=key,
            format_func=lambda name: of(entries[name]) if name else words("runs.all"),
            on_change=_begin,
        )
        or ""
    )


def _table(shown: Sequence[Summary], key: str, most: int) -> str | None:
    table = pd.DataFrame([run_table.row(item) for item in shown])
    picked = st.dataframe(
        table,
        key=f"table {key}",
        hide_index=True,
        height=min(most, 38 + 35 * len(table)),
        column_config=run_table.columns(),
        placeholder="–",
        selection_mode=["single-row", "single-cell"],
        on_select="rerun",
    )
    touched = [*picked["selection"]["rows"], *(cell[0] for cell in picked["selection"]["cells"])]
    if [key, *touched] == st.session_state.get("touched"):  # a standing selection is no new wish
        return None
    st.session_state["touched"] = [key, *touched]
    return shown[touched[0]].run if touched and touched[0] < len(shown) else None


def _pager(first: int, count: int) -> None:
    last = min(first + PAGE, count)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", key="run_pager"):
        st.caption(t("runs.range", first=first + 1, last=last, count=count), width="content")
        st.button(
            t("runs.previous"),
            key="page_back",
            icon=":material/chevron_left:",
            disabled=first == 0,
            on_click=_turn,
            args=(first - PAGE,),
        )
        st.button(
            t("runs.next"),
            key="page_on",
            icon=":material/chevron_right:",
            disabled=last == count,
            on_click=_turn,
            args=(last,),
        )


def _first(count: int) -> int:
    """Where the page begins; runs may have gone since."""
    wanted = int(st.session_state.get("runs_first", 0))
    return min(max(0, wanted), (count - 1) // PAGE * PAGE)


def _turn(first: int) -> None:
    st.session_state["runs_first"] = first


def _begin() -> None:
    _turn(0)


def _clear() -> None:
    for key in KEYS:
        st.session_state.pop(key, None)
    _begin()


def _titles(item: Summary) -> list[str]:
    """Of its data and method, in words: a search looks at them too."""
    shelves = (("datasets", item.config.get("dataset")), ("fusions", item.config.get("fusion")))
    known = (_entries(shelf).get(str(name)) for shelf, name in shelves)
    return [of(entry) for entry in known if entry is not None]


def _entries(shelf: str) -> dict[str, catalog.Entry]:
    return {entry["name"]: entry for entry in catalog.catalog()[shelf]}


def _names(items: Sequence[Summary]) -> str:
    more = " …" if len(items) > NAMED else ""
    return clean(", ".join(item.run for item in items[:NAMED]) + more)
