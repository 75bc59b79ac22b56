"""JSON that may come from anywhere: of sane depth, numbers that fit into what computes with them, no name twice."""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 64  # lists within lists; ours have 8, and Python's own limit is near 1,000
LARGEST = 2**63  # of whole numbers
_DIGITS = bytes(48 if c in b"0123456789" else 101 if c in b"eE" else 46 if c == 46 else 32 for c in range(256))
_LONG, _POWER = b"0" * 19, (b"0e00", b".e00")  # in that: numbers that may not fit, which are looked at more closely
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # half of a character, perhaps without the other
_NOT_STRUCTURE = bytes(sorted(set(range(256)) - set(b'"\\[]{}')))


def parse_json(text: bytes | str) -> Any:
    """Plain data of sane depth and range; ValueError for all else: NaN, repeated names, halves of characters, huge numbers."""
    data = text.encode() if isinstance(text, str) else text
    _check_depth(data)
    content = data.decode("utf-8-sig")
    digits = data.translate(_DIGITS, b"+")
    careful = _LONG in digits or any(power in digits for power in _POWER)
    try:
        value = (_CAREFUL if careful else _DECODER).decode(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if b"\\u" in data and _HALF.search(content):
        json.dumps(value, ensure_ascii=False).encode()  # UnicodeEncodeError is a ValueError
    return value


def _check_depth(data: bytes) -> None:
    """Peel brackets from the inside out; all in C, so that a large file costs little."""
    marks = data.translate(None, _NOT_STRUCTURE)
    if b"\\" in marks:  # signs after a backslash are part of a string
        marks = data.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NOT_STRUCTURE)
    marks = b"".join(marks.split(b'"')[::2]).replace(b"\\", b"")
    for _ in range(DEEPEST):
        if not marks:
            return
        peeled = marks.replace(b"[]", b"").replace(b"{}", b"")
        if peeled == marks:  # not JSON; the parser says what
            return
        marks = peeled
    if marks:
        raise ValueError("nested too deeply")


def _whole(text: str) -> int:
    if len(text) > 20 or abs(value := int(text)) >= LARGEST:
        raise ValueError(f"a number of {len(text)} digits")
    return value


def _real(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]}")
    return value


def _no_constant(text: str) -> float:
    raise ValueError(f"the number {text}")


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)[:40]!r} stands there twice")
    return table


_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_table)
_CAREFUL = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_table, parse_int=_whole, parse_float=_real)
