"""Every text that people see, in the language they chose. The catalogues are assets/texts/<language>.json.

Names and ideas of methods are in the engine's catalogue in English; other languages have them under
"<shelf>.<name>.title" and ".idea".
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import streamlit as st

from core.catalog import Entry
from core.errors import FusionariumError
from dashboard.live import TEXTS
from dashboard.services import ASSETS

LANGUAGES = {"en": "EN", "zh": "中文"}


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by dotted key."""
    return json.loads((ASSETS / "texts" / f"{language}.json").read_text(encoding="utf-8"))


def language() -> str:
    """The language of this person's session."""
    return st.session_state.get("lang", "en")


def t(key: str, **values: Any) -> str:
    """The text of a key with {places} filled; an unknown key is a KeyError, which tests find."""
    return catalogue(language())[key].format(**values)


def of(shelf: str, entry: Entry, what: str = "title") -> str:
    """The title or idea of a data set, fusion or objective ("datasets", "fusions", "objectives")."""
    return catalogue(language()).get(f"{shelf}.{entry['name']}.{what}", entry[what])


def sentence(error: FusionariumError) -> str:
    """An engine's error in this person's language."""
    template = catalogue(language()).get(f"error.{error.key}")
    return plain(str(error) if template is None else template.format(**error.values))


def plain(text: str) -> str:
    """A sentence that may repeat what stood in a link or a file: nothing in it is taken for a picture or a disguised link."""
    return re.sub(r"([\\\[\]<])", r"\\\1", text)


def failure(status: dict[str, Any]) -> str:
    """Why a run failed, from its status."""
    template = catalogue(language()).get(f"error.{status.get('error')}")
    try:
        said = str(status.get("message", "")) if template is None else template.format(**status["values"])
    except (KeyError, TypeError, IndexError):  # a foreign hand wrote the status
        said = str(status.get("message", ""))
    return plain(said)


def live(view: str, **others: str) -> dict[str, str]:
    """What a live view says, by its own short keys."""
    known = catalogue(language())
    return {key: known[f"live.{view}.{key}"] for key in TEXTS[view]} | others
