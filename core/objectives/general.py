"""The general contrastive loss: pull partners together, push negatives apart up to a margin, lambda between the two.

    d_ij distance of the unit vectors a_i, b_j;  y_ij = 1 where they belong together, else -1                (B, B)
    L    = mean_{y = 1} d_ij^2 + lambda * mean_{y = -1} max(0, m - d_ij)^2

This is the article's sum_i d_ii^2 + lambda * sum_{i != j} max(0, m - d_ij)^2, corrected: there both terms are the same
sum (see `general_printed`). Each sum is divided by the number of its pairs, so that lambda means the same in any batch;
there are B - 1 negatives to a partner, so lambda = B - 1 weighs every pair alike. At lambda = 0 nothing keeps the
embedding from collapsing into a point.
"""

from __future__ import annotations

from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.pairs import Pair, PairObjective, mean_where


class General(PairObjective):
    """The article's general loss on similarities (B, B): partners are drawn in, negatives pushed away, weighed by lambda."""

    name = "general"
    title = Localized("General contrastive loss", "一般对比损失")
    idea = Localized(
        "Pull partners together and push negatives apart, with a weight between the two.",
        "拉近配对、推开负样本，并以权重平衡二者。",
    )
    formula = (
        r"\mathcal{L} = \operatorname{mean}_{y_{ij} = 1} d_{ij}^2 "
        r"+ \lambda\, \operatorname{mean}_{y_{ij} = -1} \max(0,\; m - d_{ij})^2"
    )
    hyperparameters = (
        Parameter(
            "lam", "float", 10.0, 0.0, 1000.0, title=Localized("lambda: weight of the second sum", "λ：第二项的权重")
        ),
        Parameter("margin", "float", 1.0, 0.01, 2.0, 0.01, title=Localized("margin", "间隔")),
    )

    def __init__(self, lam: float = 10.0, margin: float = 1.0) -> None:
        super().__init__()
        self.lam = lam
        self.margin = margin

    def between(self, pair: Pair) -> Tensor:
        pull = mean_where(pair.squared(), pair.match)
        push = mean_where((self.margin - pair.distance()).relu().square(), pair.other)
        return pull + self.lam * push
