"""Texts come back as they were."""

from __future__ import annotations

from core.renderers import Files, Text


def test_texts_are_kept(files: Files) -> None:
    assert Text.write([Text("a <b>"), Text(""), Text("红色的圆")], files) == {"texts": ["a <b>", "", "红色的圆"]}
