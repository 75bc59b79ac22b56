"""Linear CKA: do two embeddings of the same samples agree, whatever their axes?

    CKA = |X'Y|_F^2 / (|X'X|_F |Y'Y|_F)        X (N, D), Y (N, E), columns centred; 0..1

Blind to rotation, reflection and a common scale. One column each: the squared Pearson correlation.
Kornblith et al., Similarity of neural network representations revisited, 2019. https://arxiv.org/abs/1905.00414
Biased upwards when N is not much larger than D and E.
"""

from __future__ import annotations

from torch import Tensor

from core.metrics.check import centred, rows, settled


def linear_cka(x: Tensor, y: Tensor) -> float:
    """x (N, D), y (N, E), row i of both is the same sample. An embedding without any spread agrees with nothing: 0."""
    rows("CKA", 2, x=x)
    rows("CKA", 2, expected=len(x), y=y)
    x, y = (_scaled(z) for z in (x, y))
    scale = (x.T @ x).norm() * (y.T @ y).norm()
    return min(1.0, float((x.T @ y).square().sum() / scale)) if scale else 0.0


def _scaled(z: Tensor) -> Tensor:
    """Centred, the largest entry 1: CKA is blind to a common scale, and so no square is too large."""
    away = centred(z)
    largest = away.abs().max()
    settled("CKA", float(largest))
    return away / largest if largest else away
