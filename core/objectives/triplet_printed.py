"""The triplet loss with the two distances the wrong way round, as the article prints it: an erratum, for demonstration.

    h_ac = max(0, d(x_a, y_c)^2 - d(x_a, y_a)^2 + m)      (B, B), c a negative of a
    H(x, y) = mean h over all negatives                   L = (H(x, y) + H(y, x)) / 2

It falls when the negative comes near and the partner goes away. The loss goes down and looks healthy; the partner ends
among the farthest of all, so retrieval falls below chance. `triplet` is the corrected one; the two differ by a sign.
"""

from __future__ import annotations

from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.pairs import Pair, PairObjective, mean_where


class TripletPrinted(PairObjective):
    """The triplet loss with its signs as printed in the article. To be looked at, not used."""

    name = "triplet_printed"
    title = Localized("Triplet, as printed (wrong)", "三元组（原文误印）")
    idea = Localized(
        "An erratum: the negative is pulled in and the partner pushed away.", "勘误：负样本被拉近，配对样本被推开。"
    )
    formula = (
        r"\mathcal{L} = \tfrac{1}{2} \big(H(x, y) + H(y, x)\big),\quad "
        r"H(x, y) = \operatorname{mean}_{a,c} \max(0,\; d(x_a, y_c)^2 - d(x_a, y_a)^2 + m)"
    )
    family = "printed"
    hyperparameters = (Parameter("margin", "float", 0.2, 0.01, 2.0, 0.01, title=Localized("margin", "间隔")),)

    def __init__(self, margin: float = 0.2) -> None:
        super().__init__()
        self.margin = margin

    def between(self, pair: Pair) -> Tensor:
        d = pair.squared()
        return (self._one_way(d, pair.other) + self._one_way(d.T, pair.other)) / 2

    def _one_way(self, d: Tensor, other: Tensor) -> Tensor:
        return mean_where((d - d.diagonal().unsqueeze(1) + self.margin).relu(), other)
