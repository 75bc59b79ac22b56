"""A text, as it is.

{"texts": [one per sample]}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from core.renderers.base import Entry, Files, Shown, WrongShown


@dataclass(frozen=True)
class Text(Shown):
    """`text`: what is read; may be empty."""

    kind: ClassVar[str] = "text"
    text: str

    def check(self) -> None:
        if not isinstance(self.text, str):
            raise WrongShown("str", type(self.text).__name__)

    @classmethod
    def write(cls, shown: Sequence[Self], files: Files) -> Entry:
        return {"texts": [one.text for one in shown]}
