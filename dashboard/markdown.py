"""Text from outside, made harmless: from a link, a label, a run folder, an error or a table.

Streamlit reads nearly everything that it shows as Markdown: bodies, labels of widgets, tooltips, boxes. It takes pictures,
links, HTML, formulas, `:directives[]`, `:material/icons:`, `:emoji:`, arrows and bare addresses out of it, some of them
after the parser has undone every backslash. Inside a code span nothing is read, so a text is shown as it is as long as
its words are plain words, and otherwise from its first strange word to its last as code.

`Markdown` is the type of what may be shown: sentences of ours, with every value from outside gone through `plain`.
Where nothing is read as Markdown (a table's cell, a canvas, a field that can be typed into) `clean` is enough.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

MOST = 300  # characters of one text from outside
LISTS = {"choices": 4000}  # what we list ourselves, in a sentence that says what can be chosen
SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
KEPT = "\u200c\u200d"  # joiners: they spell words in Persian and Indian scripts
UNSHOWN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}  # control, bidi and other invisible ones, halves of a pair, unassigned
REPLACEMENT = "\ufffd"

_LETTER = r"(?:[^\W_]|[^\x00-\x7f])"
_INNER = r"(?:[.,/+='\-_]|(?<=\d):(?=\d+[.,;!?%)'\"]*$))"  # between two letters, one at a time
_WORD = re.compile(
    rf"""['"(]*[+-]?{_LETTER}+(?:{_INNER}{_LETTER}+)*%?['")]*[.,;!?]*['")]*:?|[.]\d+%?[.,;!?)]*|[+=/%]"""
)
_ADDRESS = re.compile(r"www\.", re.IGNORECASE)  # made a link wherever it stands
_BEGINS_A_LIST = re.compile(r"[+]|\d+[.)]")


class Markdown(str):
    """Text that Streamlit may read as Markdown. Only sentences of our own are made into it without `plain`."""

    __slots__ = ()

    def __add__(self, other: str) -> Markdown:
        return Markdown(str.__add__(self, plain(other, keep_ends=True)))

    def join(self, parts: Any) -> Markdown:
        return Markdown(str.join(self, map(plain, parts)))


def clean(text: object, most: int = MOST) -> str:
    """One line of visible characters, at most so many: for places where nothing is read as Markdown."""
    cleaned = str(text)[: 4 * most]
    cleaned = "".join(map(_shown, cleaned)) if not (cleaned.isascii() and cleaned.isprintable()) else cleaned
    cleaned = " ".join(part for part in cleaned.split(" ") if part)
    return cleaned if len(cleaned) <= most else cleaned[: most - 1] + "…"


def plain(text: object, most: int = MOST, keep_ends: bool = False) -> Markdown:
    """The same for places that read Markdown: whatever it holds, these characters are seen and nothing else happens."""
    if isinstance(text, Markdown):
        return text
    cleaned = clean(text, most)
    words = cleaned.split(" ")
    strange = [i for i, word in enumerate(words) if not _is_plain(word, first=i == 0)]
    if cleaned and strange:
        first, last = strange[0], strange[-1] + 1
        words[first:last] = [_code(" ".join(words[first:last]))]
    shown = " ".join(words)
    if keep_ends and isinstance(text, str) and text:  # between two sentences
        shown = " " * text[0].isspace() + shown + " " * (text[-1].isspace() and bool(shown))
    return Markdown(shown)


def fill(template: str, values: Mapping[str, Any]) -> Markdown:
    """A sentence of ours with its {places} filled; what is no `Markdown` goes through `plain`."""
    return Markdown(template.format(**{name: _Outside(value, LISTS.get(name, MOST)) for name, value in values.items()}))


def fill_clean(template: str, values: Mapping[str, Any]) -> str:
    """The same for places where nothing is read as Markdown."""
    return template.format(
        **{n: v if isinstance(v, int | float) else clean(v, LISTS.get(n, MOST)) for n, v in values.items()}
    )


class _Outside:
    """A value in a sentence; `{x}`, `{x!r}`, `{x:.2f}` all end in `plain`."""

    def __init__(self, value: object, most: int) -> None:
        self.value, self.most = value, most

    def __str__(self) -> str:
        return plain(self.value, self.most)

    def __repr__(self) -> str:
        return plain(repr(clean(self.value, self.most) if isinstance(self.value, str) else self.value), self.most)

    def __format__(self, form: str) -> str:
        return plain(format(self.value, form), self.most) if form else str(self)


def _shown(sign: str) -> str:
    if sign in SPACES:
        return " "
    return REPLACEMENT if unicodedata.category(sign) in UNSHOWN and sign not in KEPT else sign


def _is_plain(word: str, first: bool) -> bool:
    if first and _BEGINS_A_LIST.fullmatch(word):
        return False
    return _WORD.fullmatch(word) is not None and _ADDRESS.search(word) is None


def _code(text: str) -> str:
    """As code; Streamlit rewrites the beginning of its icons before it parses, in code too, so that stands outside."""
    return "&#58;material/".join(_span(part) if part else "" for part in text.split(":material/"))


def _span(text: str) -> str:
    """A code span: its fence is longer than any row of backticks inside."""
    fence = "`" * (1 + max((len(row) for row in re.findall("`+", text)), default=0))
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"
