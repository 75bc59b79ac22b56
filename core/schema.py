"""Whether plain data have the shape that a TypedDict declares: at the border of processes, and in tests of both sides."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict


def conforms(value: object, shape: Any) -> bool:
    """Whether `value` is of this type: a TypedDict, str, int, float, bool, None, Any, an Enum, a Literal, a union, or a list,
    dict or tuple of these. Integers are floats, booleans are no integers; names that a TypedDict does not have are allowed,
    since a newer version may write more.
    """
    if shape is Any or shape is object:
        return True
    if is_typeddict(shape):
        return _is_record(value, shape)
    origin, inner = get_origin(shape), get_args(shape)
    if origin in (Union, UnionType):
        return any(conforms(value, option) for option in inner)
    if origin is Literal:
        return value in inner
    if origin is NotRequired:
        return conforms(value, inner[0])
    if origin is list:
        return isinstance(value, list) and all(conforms(item, inner[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            conforms(k, inner[0]) and conforms(v, inner[1]) for k, v in value.items()
        )
    return _is_plain(value, shape)


def _is_record(value: object, shape: Any) -> bool:
    return isinstance(value, Mapping) and all(
        conforms(value[name], kind) if name in value else get_origin(kind) is NotRequired
        for name, kind in _fields(shape).items()  # __required_keys__ knows nothing of postponed annotations
    )


@cache
def _fields(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape, include_extras=True)


def _is_plain(value: object, shape: Any) -> bool:
    if isinstance(shape, type) and issubclass(shape, Enum):
        return any(value == member.value for member in shape)
    if shape is None or shape is NoneType:
        return value is None
    if shape in (int, float):
        number = isinstance(value, int if shape is int else (int, float)) and not isinstance(value, bool)
        return number and math.isfinite(value)  # type: ignore[arg-type]
    return isinstance(value, shape)
