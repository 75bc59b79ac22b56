"""A text for people that belongs to an entry (a title, an idea), in the languages of the interface."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Localized:
    """`Localized("Tensor product", "张量积")`; a language that is missing falls back to English, then to the other one."""

    en: str = ""
    zh: str = ""

    def in_(self, language: str) -> str:
        """The text in a language ("en", "zh"); "" where there is none at all."""
        return getattr(self, language, "") or self.en or self.zh

    def to_json(self) -> dict[str, str]:
        """Plain data for the catalogue, without the languages that are missing."""
        return {language: text for language, text in asdict(self).items() if text}

    @classmethod
    def of(cls, value: Any) -> Localized:
        """From a text in English, from plain data, or itself; anything else, and languages unknown here, say nothing."""
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls(value)
        known = value if isinstance(value, dict) else {}
        return cls(**{name: known[name] for name in ("en", "zh") if isinstance(known.get(name), str)})


UNTITLED = Localized()  # the name stands in
