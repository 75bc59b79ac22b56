"""Every text that people see, in the language they chose. The catalogues are assets/texts/<language>.json.

Titles and ideas of data sets, modalities, methods and parameters are not among them: they belong to the entries of the
engine's catalogue, which may come from anywhere, and so go through `plain` as every text from outside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st

from core import catalog
from core.catalog import Entry
from core.catalog.localized import Localized
from core.errors import SENTENCES, FusionariumError
from core.paths import ASSETS, as_typed
from dashboard.live import TEXTS, TROUBLE
from dashboard.markdown import Markdown, clean, fill, fill_clean, plain

__all__ = [
    "LANGUAGES",
    "Markdown",
    "catalogue",
    "clean",
    "failure",
    "known",
    "language",
    "live",
    "modality",
    "of",
    "plain",
    "sentence",
    "t",
    "words",
]

LANGUAGES = {"en": "EN", "zh": "中文"}


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by dotted key."""
    texts: dict[str, str] = json.loads(as_typed((ASSETS / "texts" / f"{language}.json").read_text(encoding="utf-8")))
    return texts


def language() -> str:
    """The language of this person's session."""
    chosen: str = st.session_state.get("lang", "en")
    return chosen


def t(key: str, **values: Any) -> Markdown:
    """The text of a key with {places} filled; an unknown key is a KeyError, which tests find.

    Every value is taken for text from outside (`plain`), but for one that is `Markdown` itself, such as another text.
    """
    return fill(catalogue(language())[key], values)


def words(key: str, **values: Any) -> str:
    """The same for a place where nothing is read as Markdown: a cell of a table, a canvas, a file's name."""
    return fill_clean(catalogue(language())[key], values)


def known(key: str, otherwise: str) -> str:
    """The text of a key that is made of a name, which may be a stranger's: then the name itself, and no `Markdown`."""
    found = catalogue(language()).get(key)
    return clean(otherwise) if found is None else Markdown(found)


def of(entry: Entry, what: str = "title") -> Markdown:
    """The title or idea of a data set or method, from its entry."""
    return plain(catalog.text(entry, what, language()))


def modality(name: str, dataset: str = "") -> Markdown:
    """A modality's title, as the data set has it; the name where no data set knows it."""
    return plain(catalog.modality_titles(dataset).get(name, Localized(name)).in_(language()))


def sentence(error: FusionariumError) -> Markdown:
    """An engine's error in this person's language."""
    return fill(catalogue(language()).get(f"error.{error.key}", SENTENCES[error.key]), error.values)


def failure(status: Mapping[str, Any]) -> Markdown:
    """Why a run failed, from its status."""
    key = status.get("error")
    template = catalogue(language()).get(f"error.{key}", SENTENCES.get(key) if isinstance(key, str) else None)
    try:
        return plain(status.get("message", "")) if template is None else fill(template, status["values"])
    except (KeyError, TypeError, IndexError, ValueError, AttributeError):  # a foreign hand wrote the status
        return plain(status.get("message", ""))


def live(view: str, /, **others: str) -> dict[str, str]:
    """What a live view says, by its own short keys."""
    known = catalogue(language())
    own = {key: known[f"live.{view}.{key}"] for key in TEXTS[view]}
    return own | {key: known[f"live.view.{key}"] for key in TROUBLE} | others
