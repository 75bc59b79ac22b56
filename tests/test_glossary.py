"""The glossary says each word once, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

GLOSSARY = Path(__file__).resolve().parents[1] / "docs" / "glossary.md"
ENTRY = re.compile(r"^### (?P<english>[^·\n]+) · (?P<chinese>[^\n]+)\n(?P<text>[^#]+)", re.M)
HAN = re.compile(r"[\u4e00-\u9fff]")


def entries() -> list[tuple[str, str, list[str]]]:
    """English word, Chinese word, paragraphs."""
    text = GLOSSARY.read_text(encoding="utf-8")
    found = [(m["english"], m["chinese"], m["text"].strip().split("\n\n")) for m in ENTRY.finditer(text)]
    assert len(found) == text.count("\n### ") > 50
    return found


def test_each_word_has_one_paragraph_in_each_language() -> None:
    for english, chinese, paragraphs in entries():
        assert not HAN.search(english) and HAN.search(chinese), english
        assert len(paragraphs) == 2, english
        assert not HAN.search(paragraphs[0]) and HAN.search(paragraphs[1]), english


def test_each_word_stands_once() -> None:
    for column in (0, 1):
        words = [entry[column].lower() for entry in entries()]
        assert len(set(words)) == len(words)
