"""Barlow Twins: each coordinate of one side must go with the same coordinate of the other, and with no other.

    C_kl = corr over the batch of a_.k and b_.l                       (D, D)
    L    = sum_k (1 - C_kk)^2 + lambda sum_{k != l} C_kl^2

Like deep CCA it looks at correlations and needs no negatives; unlike it, it fixes the axes, so that cosines mean
something. Every sample is compared with its own partner alone. Differs: two modalities instead of two crops of a
picture, and the sum is divided by D, so that the number does not grow with the width.

Zbontar et al., Barlow Twins, 2021. https://arxiv.org/abs/2103.03230
"""

from __future__ import annotations

from torch import Tensor

from core.objectives.deep_cca import centred
from core.objectives.pairs import Pair, PairObjective, root
from core.parameters import Parameter


class Barlow(PairObjective):
    name = "barlow"
    title = "Barlow Twins"
    idea = "Each coordinate of one side must go with the same one of the other, and with no other."
    formula = r"\mathcal{L} = \sum_k (1 - C_{kk})^2 + \lambda \sum_{k \ne l} C_{kl}^2"
    paper = "https://arxiv.org/abs/2103.03230"
    family = "correlation"
    knobs = (Parameter("decorrelation", "float", 5e-3, 1e-5, 1.0, scale="log"),)

    def __init__(self, decorrelation: float = 5e-3) -> None:
        super().__init__()
        self.decorrelation = decorrelation

    def between(self, pair: Pair) -> Tensor:
        a, b = (centred(x, pair.both) for x in (pair.a, pair.b))
        a, b = (x / root(x.square().sum(0)) for x in (a, b))  # each column of length 1
        correlation = a.T @ b
        own = correlation.diagonal()
        others = correlation.square().sum() - own.square().sum()
        return ((1 - own).square().sum() + self.decorrelation * others) / len(own)
