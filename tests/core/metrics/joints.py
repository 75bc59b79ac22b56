"""Joints (A, B, C) of two inputs and a label whose information is known."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from core.data.interactions_truth import bits

COINS = list(product((0, 1), repeat=2))


def gate(rule: Callable[[int, int], int], flip: float = 0.0) -> np.ndarray:
    """Two fair coins and a rule's answer, flipped with a probability (for answers 0 and 1)."""
    p = np.zeros((2, 2, max(rule(a, b) for a, b in COINS) + 1))
    for a, b in COINS:
        p[a, b, rule(a, b)] += (1 - flip) / 4
        if flip:
            p[a, b, 1 - rule(a, b)] += flip / 4
    return p


def rdn_xor() -> np.ndarray:
    """Both know a coin; each has another of its own; the label is the common coin and the xor of the others."""
    p = np.zeros((4, 4, 4))
    for r, a, b in product((0, 1), repeat=3):
        p[2 * r + a, 2 * r + b, 2 * r + (a ^ b)] = 1 / 8
    return p


def interactions(flips: tuple[float, float, float, float]) -> np.ndarray:
    """(8, 8, 16): the data set `interactions` without noise in its inputs."""
    p = np.zeros((8, 8, 16))
    for r, u1, u2, a, b in product((0, 1), repeat=5):
        for label in range(16):
            wrong = label ^ (8 * r + 4 * u1 + 2 * u2 + (a ^ b))
            chances = [e if wrong >> (3 - bit) & 1 else 1 - e for bit, e in enumerate(flips)]
            p[4 * r + 2 * u1 + a, 4 * r + 2 * u2 + b, label] += np.prod(chances) / 32
    return p


def closed_form(flips: tuple[float, float, float, float]) -> list[float]:
    """Redundant, unique1, unique2, synergistic bits of `interactions`."""
    return [bits(e) for e in flips]
