"""The choices of a session and the address that holds them: the one that changed last wins.

A choice writes the address, and the browser keeps the one of before; Back and Forward bring an address back, and the
session takes what it says, widgets included. Streamlit tells such a run from all others, so a click that was sent before
the browser heard of the newest address is not mistaken for a step back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import catalog
from dashboard import error_messages, pages
from dashboard.state.link import States, from_link, to_link
from dashboard.texts import LANGUAGES, plain, sentence

S = TypeVar("S")
MOST_NOTICES = 12  # a link may hold thousands of wrong values; so many sentences are enough to see that


def open_address() -> None:
    """First of all in each run: take the language and the states that the address says, where they are news."""
    moved = went_through_history()
    if moved or "lang" not in st.session_state:
        lang = st.query_params.get("lang", "en")
        st.session_state["lang"] = lang if lang in LANGUAGES else "en"
    elif st.session_state.get("language"):  # the switch, which stands below all that it changes
        st.session_state["lang"] = st.session_state["language"]
    if moved or "states" not in st.session_state:
        states, notices = from_link(st.query_params.to_dict(), pages.kinds())
        st.session_state["states"] = states
        st.session_state["notices"] = [*notices, *map(sentence, catalog.problems())]
        error_messages.forget()


def went_through_history() -> bool:
    """Whether Back or Forward started this run."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def widget(key: str, value: Any) -> str:
    """The key of a widget that shows a field of the state; after Back or Forward it shows `value`, whatever it stood at."""
    if went_through_history():
        st.session_state[key] = value
    return key


def current(kind: type[S]) -> S:
    """This session's choices of one page (or of those that share them)."""
    return cast(S, _states()[kind])


def change(kind: type[S], **changes: Any) -> S:
    """Change some fields, and the address with them."""
    changed = replace(cast(Any, current(kind)), **changes)
    st.session_state["states"] = {**_states(), kind: changed}
    st.session_state["notices"] = []
    error_messages.forget()
    write_address()
    return cast(S, changed)


def write_address() -> None:
    """Put all choices into the address."""
    link = to_link(_states(), st.session_state["lang"])
    if st.query_params.to_dict() != link:
        st.query_params.from_dict(link)


def show_notices() -> None:
    """What was wrong with the link, shown until the next choice."""
    with st.container():  # always there: the page below keeps its place
        for notice in st.session_state.get("notices", [])[:MOST_NOTICES]:
            st.warning(plain(notice), icon=":material/link_off:")


def _states() -> States:
    return cast(States, st.session_state["states"])
