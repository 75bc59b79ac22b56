"""Whether plain data hold exactly what a TypedDict names: the product allows more, which a newer version may write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from core.schema import conforms


def holds_exactly(value: object, shape: Any) -> bool:
    """Whether `value` is of this shape and has no entry, however deep, that no TypedDict names."""
    return conforms(value, shape) and not list(unnamed(value, shape))


def unnamed(value: Any, shape: Any) -> Iterator[str]:
    """The entries that no TypedDict names; `value` conforms to `shape`."""
    origin, inner = get_origin(shape), get_args(shape)
    if is_typeddict(shape):
        fields = get_type_hints(shape)
        yield from value.keys() - fields.keys()
        for name in value.keys() & fields.keys():
            yield from unnamed(value[name], fields[name])
    elif origin is list:
        for item in value:
            yield from unnamed(item, inner[0])
    elif origin is dict:
        for item in value.values():
            yield from unnamed(item, inner[1])
    elif inner:  # a union, a literal
        yield from next((unnamed(value, option) for option in inner if is_typeddict(option) and value is not None), ())
