"""Fields of a page's state: each defines its form in a link, its valid values, and the sentence for an invalid one.

    @dataclass(frozen=True)
    class LensState:
        zoom: int = choice(1, (1, 2, 4), sentence="link.zoom")
        dark: bool = switch()

A link holds the fields of all pages side by side, so a field's name is a name in the address: no two pages share one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

METADATA = "link"
SEPARATOR = ","


@dataclass(frozen=True)
class LinkField:
    """How one field is read from a link and written into it.

    read: text -> value; ConfigError or RunError where the text is none.
    options: where they are given, the value is one of these and `read` is not asked.
    sentence: a text's key ({value}, {choices}, {taken}); "" says the error's own sentence.
    most: above 0 the field is a tuple of at most so many; each part is read by itself.
    blank: an empty text means the default, and an empty value is left out.
    prefix: the field is a mapping; its names stand in the link behind this.
    """

    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    options: tuple[Any, ...] = ()
    sentence: str = ""
    most: int = 0
    blank: bool = False
    prefix: str = ""


def choice(default: Any, options: tuple[Any, ...], sentence: str = "") -> Any:
    """A field that is one of these options."""
    return field(default=default, metadata={METADATA: LinkField(options=options, sentence=sentence)})


def switch(default: bool = False) -> Any:
    """A field that is on (1) or off (0)."""
    spec = LinkField(options=(False, True), write=lambda value: str(int(value)))
    return field(default=default, metadata={METADATA: spec})


def name(default: str, check: Callable[[str], object]) -> Any:
    """A field that holds a name; `check(name)` raises an error of ours where there is none of that name."""
    return field(default=default, metadata={METADATA: LinkField(read=_checked(check), blank=True)})


def names(default: tuple[str, ...], check: Callable[[str], object], most: int) -> Any:
    """A field that holds several names, at most so many."""
    spec = LinkField(read=_checked(check), write=SEPARATOR.join, most=most)
    return field(default=default, metadata={METADATA: spec})


def mapping(prefix: str) -> Any:
    """A field that maps names to values; the dataclass's `settled` makes values of the link's texts."""
    return field(default_factory=dict, metadata={METADATA: LinkField(prefix=prefix)})


def link_fields(kind: type[Any]) -> Mapping[str, tuple[LinkField, Any]]:
    """Field name -> (how it stands in a link, its default) of a page's state, in order."""
    defaults = kind()
    return {
        one.name: (one.metadata[METADATA], getattr(defaults, one.name))
        for one in dataclasses.fields(kind)
        if METADATA in one.metadata
    }


def _checked(check: Callable[[str], object]) -> Callable[[str], str]:
    def read(text: str) -> str:
        check(text)
        return text

    return read
