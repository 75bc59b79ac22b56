"""Unavailable choices stay visible, each with the reason that the command line would give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from core.errors import ConfigError
from dashboard.texts import Markdown, plain, sentence, t


def refusals(names: Iterable[str], attempt: Callable[[str], Any]) -> dict[str, Markdown]:
    """name -> why `attempt(name)` cannot be, in this person's language; only those that cannot."""
    found = {}
    for name in names:
        try:
            attempt(name)
        except ConfigError as error:
            found[name] = sentence(error)
    return found


def show(found: dict[str, Markdown], key: str) -> None:
    """A small button that opens the sentences; nothing when all can be chosen."""
    if not found:
        return
    with st.popover(t("choose.why", count=len(found)), icon=":material/block:", key=key):
        for reason in dict.fromkeys(found.values()):
            st.caption(plain(reason))
