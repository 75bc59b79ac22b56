"""VICReg: partners alike, every coordinate alive, no two coordinates the same.

    invariance   mean_i |a_i - b_i|^2 / D
    variance     mean_k max(0, 1 - sqrt(var a_.k + e))                 mean of a's and b's
    covariance   sum_{k != l} cov(a)_kl^2 / D                          a's and b's, added up
    L            = s invariance + m variance + n covariance            paper: 25, 25, 1

No negatives: it is the variance term that forbids the collapse, and the covariance term that forbids the copy. It works
on embeddings as they are, without unit length. Barlow Twins (https://arxiv.org/abs/2103.03230) is its sister; that loss
does not see the mean of an embedding, so cosines of what it learns mean little, and it is not on this shelf.

Bardes et al., VICReg, 2022. https://arxiv.org/abs/2105.04906
Scaled as in the authors' code; the paper's text has no 1/D before the invariance and adds the two variances up.
"""

from __future__ import annotations

from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.pairs import Pair, PairObjective, centred

TINY = 1e-4  # the paper's e: keeps the root's slope finite


class VICReg(PairObjective):
    """Invariance between modalities, variance and covariance within each, on z (B, D) (Bardes et al., 2022, 2105.04906)."""

    name = "vicreg"
    title = Localized("VICReg", "VICReg（三项正则）")
    idea = Localized(
        "Partners alike, every coordinate alive, no two coordinates the same.",
        "配对要相近，每个坐标要有变化，任何两个坐标不得重复。",
    )
    formula = (
        r"\mathcal{L} = \operatorname{mean}_i \tfrac{s}{D} \lVert a_i - b_i \rVert^2 + V(a) + V(b),\quad "
        r"V(x) = \tfrac{m}{2D} \sum_k \max\big(0, 1 - \sqrt{\mathrm{Cov}_{kk} + \epsilon}\big) + \tfrac{n}{D} \sum_{k \ne l} \mathrm{Cov}_{kl}^2"
    )
    paper = "https://arxiv.org/abs/2105.04906"
    family = "correlation"
    hyperparameters = (
        Parameter("invariance", "float", 25.0, 0.0, 100.0, 1.0, title=Localized("weight of invariance", "不变性权重")),
        Parameter("variance", "float", 25.0, 0.0, 100.0, 1.0, title=Localized("weight of variance", "方差权重")),
        Parameter("covariance", "float", 1.0, 0.0, 100.0, 0.5, title=Localized("weight of covariance", "协方差权重")),
    )

    def __init__(self, invariance: float = 25.0, variance: float = 25.0, covariance: float = 1.0) -> None:
        super().__init__()
        self.invariance, self.variance, self.covariance = invariance, variance, covariance

    def between(self, pair: Pair) -> Tensor:
        alike = ((pair.a - pair.b).square().mean(1) * pair.both).sum() / pair.both.sum().clamp_min(1)
        loss = self.invariance * alike
        for x in (pair.a, pair.b):
            alive, alone = _spread(centred(x, pair.both), pair.both)
            loss = loss + self.variance * alive / 2 + self.covariance * alone
        return loss


def _spread(x: Tensor, both: Tensor) -> tuple[Tensor, Tensor]:
    """The variance and the covariance term of one side, x (B, D) centred."""
    covariance = x.T @ x / (both.sum() - 1).clamp_min(1)  # (D, D)
    variance = covariance.diagonal()
    alive = (1 - (variance + TINY).sqrt()).relu().mean()
    alone = (covariance.square().sum() - variance.square().sum()) / len(variance)
    return alive, alone
