"""JSON of a run folder: what no run of ours has is refused, all else is read as the standard library reads it."""

from __future__ import annotations

import json

import pytest

from core.runs.strict_json import DEEPEST, parse_json

INSANE = {
    "deep": "[" * 100_000,
    "deep and closed": "[" * 100_000 + "]" * 100_000,
    "deep tables": '{"a":' * 500 + "1" + "}" * 500,
    "deep behind a string": '["\\\\", ' * 200 + "1" + "]" * 200,
    "401 digits": '{"a": ' + "1" * 401 + "}",
    "5,000 digits": "9" * 5000,
    "2**63": str(2**63),
    "1e400": '{"a": 1e400}',
    "-1e400": "[-1e400]",
    "NaN": '{"a": NaN}',
    "Infinity": "[-Infinity]",
    "twice": '{"a": 1, "a": 2}',
    "half a character": '"\\ud800"',
    "no UTF-8": b"\xff\xfe{\x00}\x00",
    "NUL": b"\x00\x00",
    "empty": "",
    "half": '{"a": [1, 2',
}


@pytest.mark.parametrize("content", INSANE.values(), ids=INSANE.keys())
def test_json_that_no_run_of_ours_has(content: str | bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(content)


SANE = [
    "[" * DEEPEST + "]" * DEEPEST,
    '["[[[[[[", "\\"[", "\\\\", "\\ud83d\\ude00"]',
    "[1e-300, 1.7e308, -0.0]",
    "{}",
    str(2**63 - 1),
]


@pytest.mark.parametrize("content", [*SANE, json.dumps({"a": "]" * 500, "b": [[{}]] * 500})])
def test_other_json_is_read_as_the_standard_library_does(content: str) -> None:
    assert parse_json(content) == json.loads(content)
    assert parse_json("\ufeff" + content) == json.loads(content)  # as an editor of Windows writes
