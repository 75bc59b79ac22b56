"""Plain data are held against the types that both sides of a border use."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

import pytest

from core.runs.types import RunState
from core.schema import conforms


class Sample(TypedDict):
    kind: Literal["a", "b"]
    state: RunState
    count: int
    share: float | None
    names: list[str]
    extra: NotRequired[dict[str, int]]


GOOD: dict[str, Any] = {"kind": "a", "state": "running", "count": 3, "share": 1, "names": ["x"]}


def test_what_fits_fits_whatever_else_stands_there() -> None:
    assert conforms(GOOD, Sample)
    assert conforms({**GOOD, "share": None, "extra": {"x": 1}, "of a newer version": object()}, Sample)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "c"},
        {"state": "asleep"},
        {"count": True},
        {"count": 1.5},
        {"share": "1"},
        {"share": float("nan")},
        {"names": "x"},
        {"names": [1]},
        {"extra": {"x": "1"}},
        {"extra": None},
    ],
)
def test_one_wrong_value_is_enough(change: dict[str, Any]) -> None:
    assert not conforms({**GOOD, **change}, Sample)


@pytest.mark.parametrize("name", ["kind", "state", "count", "share", "names"])
def test_one_missing_name_is_enough(name: str) -> None:
    assert not conforms({key: value for key, value in GOOD.items() if key != name}, Sample)
    assert not conforms([GOOD], Sample)
