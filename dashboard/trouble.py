"""What could not be done, in a sentence: it stands until a person tries something else, whatever reruns the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import FusionariumError
from dashboard.texts import sentence

KEY = "trouble"


@contextmanager
def trying() -> Iterator[None]:
    """Forget the last trouble; what goes wrong inside is the new one, and the block ends there."""
    forget()
    try:
        yield
    except FusionariumError as error:
        st.session_state[KEY] = sentence(error)


def forget() -> None:
    """A person went on."""
    st.session_state.pop(KEY, None)


def show() -> None:
    """The trouble, where there is one."""
    if said := st.session_state.get(KEY):
        st.error(said, icon=":material/error:")
