"""Random discrete tasks for the benchmarks of late fusion: joints (A, B, C) from nearly additive to nearly all interaction.

log p(y | x1, x2) = s (f1(x1, y) + f2(x2, y)) + t g(x1, x2, y)     f, g standard normal, s, t log-uniform in .1 .. 3
"""

from __future__ import annotations

import numpy as np
from scipy import special


def random_task(rng: np.random.Generator) -> np.ndarray:
    """2 to 5 codes a side, 2 to 4 classes, uneven inputs."""
    a, b, c = int(rng.integers(2, 6)), int(rng.integers(2, 6)), int(rng.integers(2, 5))
    inputs = rng.dirichlet(np.full(a * b, 2.0)).reshape(a, b, 1)
    additive, joint = np.exp(rng.uniform(np.log(0.1), np.log(3), size=2))
    sides = rng.normal(size=(a, 1, c)) + rng.normal(size=(1, b, c))
    return inputs * special.softmax(additive * sides + joint * rng.normal(size=(a, b, c)), axis=2)


def samples(p: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x1, x2, y (N,) each."""
    first, second, label = np.unravel_index(rng.choice(p.size, count, p=p.ravel()), p.shape)
    return first, second, label
