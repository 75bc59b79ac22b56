"""A shelf's cards written again in plain numpy, each beside the card that it was read off.

Who changes a formula must write it anew here, and who adds a method must bring one: the tests ask for each of the table's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray


class Cards:
    """name -> (the card's LaTeX, the same as a function of a case)."""

    def __init__(self) -> None:
        self.formula: dict[str, str] = {}
        self.written: dict[str, Callable[..., Any]] = {}

    def card(self, name: str, formula: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            assert name not in self.written, name
            self.formula[name], self.written[name] = formula, function
            return function

        return keep

    def __or__(self, other: Cards) -> Cards:
        joined = Cards()
        joined.formula, joined.written = self.formula | other.formula, self.written | other.written
        return joined


def complaint(cards: Cards, name: str, formula: str) -> str:
    """What is wrong with a method's entry, or ""."""
    if name not in cards.written:
        return f"{name} has no formula in numpy"
    return "" if cards.formula[name] == formula else f"the card of {name} was changed: write it anew in numpy"


def softmax(x: Array, axis: int = -1) -> Array:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def unit(x: Array) -> Array:
    return x / np.sqrt((x**2).sum(1, keepdims=True))
