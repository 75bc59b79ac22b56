"""Errors of actions, in a sentence that stays until the next action, also over reruns of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import FusionariumError
from dashboard.texts import plain, sentence

KEY = "trouble"


@contextmanager
def trying() -> Iterator[None]:
    """Forget the last trouble; what goes wrong inside is the new one, and the block ends there."""
    forget()
    with _saying():
        yield


def each(work: Callable[[str], object], names: Iterable[str]) -> None:
    """Do this for each name: an error of one is reported and keeps no other waiting."""
    forget()
    for name in names:
        with _saying():
            work(name)


def forget() -> None:
    """A person went on."""
    st.session_state.pop(KEY, None)


def show() -> None:
    """The trouble, where there is one."""
    if message := st.session_state.get(KEY):
        st.error(plain(message), icon=":material/error:")


@contextmanager
def _saying() -> Iterator[None]:
    try:
        yield
    except FusionariumError as error:
        st.session_state[KEY] = sentence(error)
