"""Files that documents and the browser's comments name exist: a reader who follows one finds it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.compile(
    r"(?<![\w/.-])((?:core|dashboard|tests|benchmarks|assets|docs)/[\w/.-]+\.(?:py|json|js|md|txt|css))\b"
)
TEXTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "benchmarks").glob("*.md"),
    *(ROOT / "dashboard" / "live" / "static").rglob("*.js"),
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_a_text_names_exists(text: Path) -> None:
    names = {name for name in NAMED.findall(text.read_text(encoding="utf-8")) if "/my_" not in name}  # to be written
    assert not [name for name in sorted(names) if not (ROOT / name).is_file()]
