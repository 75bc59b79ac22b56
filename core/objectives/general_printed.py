"""The general loss as the article prints it: both terms are the same sum. An erratum, for demonstration.

    L = mean_ij d_ij^2 + lambda * mean_ij d_ij^2 = (1 + lambda) mean_ij d_ij^2        d (B, B), all pairs

Printed are the sums; here they are divided by the number of pairs, so that the loss does not grow with the batch. They run
over all pairs, negatives too, and nothing is pushed apart: everything falls into one point. Lambda makes the number larger
and changes no direction, so an optimiser that divides by the gradient's size (Adam) takes the same steps whatever it is.
`general` is the corrected one.
"""

from __future__ import annotations

from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.pairs import Pair, PairObjective, mean_where


class GeneralPrinted(PairObjective):
    """The article's general loss as printed: both of its terms are the same sum. To be looked at, not used."""

    name = "general_printed"
    title = Localized("General loss, as printed (wrong)", "一般损失（原文误印）")
    idea = Localized(
        "An erratum: both terms pull, so everything falls into one point and lambda does nothing.",
        "勘误：两项都在拉近，于是一切塌缩为一点，λ 不起作用。",
    )
    formula = r"\mathcal{L} = \tfrac{1}{B^2} \Big(\sum_{i,j} d_{ij}^2 + \lambda \sum_{i,j} d_{ij}^2\Big)"
    family = "printed"
    hyperparameters = (
        Parameter(
            "lam", "float", 1.0, 0.0, 1000.0, title=Localized("lambda: weight of the second sum", "λ：第二项的权重")
        ),
    )

    def __init__(self, lam: float = 1.0) -> None:
        super().__init__()
        self.lam = lam

    def between(self, pair: Pair) -> Tensor:
        same = mean_where(pair.squared(), pair.match | pair.other)
        return same + self.lam * same
