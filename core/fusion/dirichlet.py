"""Dirichlet opinions: a distribution over class probabilities from the evidence for each class; little evidence means "I do not know".

    e = exp(l)                          (B, C)    evidence, of logits l; none: e = 0
    a = e + 1,  S = sum_c a_c           (B, C)    the Dirichlet's parameters and their sum
    p = a / S                           (B, C)    expected probabilities
    b = e / S                           (B, C)    belief in each class
    u = C / S                           (B,)      uncertainty: what is left of 1 after all beliefs

Sensoy et al., Evidential deep learning, 2018. https://arxiv.org/abs/1806.01768
With e = exp(l), softmax(l) is each class's share of the evidence: the logits of any model may be read so. Above LARGEST the
exponential goes on as its tangent: no overflow, and no place without a slope.
"""

from __future__ import annotations

from torch import Tensor

LARGEST = 10.0  # a logit; e^10 = 22026 observations


def evidence(logits: Tensor) -> Tensor:
    """(..., C) -> (..., C), not negative."""
    return logits.clamp_max(LARGEST).exp() * (1 + (logits - LARGEST).relu())


def expected(e: Tensor) -> Tensor:
    """Probabilities (..., C) of evidence (..., C)."""
    return (e + 1) / (e + 1).sum(-1, keepdim=True)


def uncertainty(e: Tensor) -> Tensor:
    """(..., C) -> (...), 1 without evidence, towards 0 with much."""
    return e.shape[-1] / (e + 1).sum(-1)
