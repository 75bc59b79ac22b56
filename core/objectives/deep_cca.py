"""Deep CCA: make the two embeddings as correlated as they can be, whatever their axes.

    S_ab = A' B / (n - 1), S_aa = A' A / (n - 1) + r I, S_bb likewise      (D, D), A and B centred
    T    = S_aa^(-1/2) S_ab S_bb^(-1/2)                                    (D, D)
    L    = - sum_k rho_k,  rho_k the singular values of T: the canonical correlations, each in [0, 1)

No negatives and no cosines: correlation stays the same under any invertible linear map of either side. So retrieval by
cosine can stay at chance while the correlations are high; the paper applies linear CCA to the result, and so must
whoever searches with it. A batch should be several times larger than D, or correlations are found in noise.

Stable gradients: L L' = S by Cholesky in place of the inverse root, since L^(-1) and S^(-1/2) differ by a rotation, which
singular values do not see; the slope of a sum of singular values is U V' and divides by nothing. Each side is scaled to
mean variance 1 first, so that the ridge r means the same at any size.

Andrew, Arora, Bilmes & Livescu, Deep Canonical Correlation Analysis, 2013. https://proceedings.mlr.press/v28/andrew13.html
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.pairs import Pair, PairObjective, centred, root


class DeepCCA(PairObjective):
    """Minus the sum of canonical correlations of two modalities' z (B, D) in the batch (Andrew et al., ICML 2013)."""

    name = "deep_cca"
    title = Localized("Deep CCA", "深度典型相关分析")
    idea = Localized(
        "Make the two sides as correlated as they can be, whatever their axes.",
        "让两侧尽可能相关，不问坐标轴如何取向。",
    )
    formula = (
        r"\mathcal{L} = -\lVert (\Sigma_{aa} + r I)^{-1/2}\, \Sigma_{ab}\, (\Sigma_{bb} + r I)^{-1/2} \rVert_*,\quad "
        r"\operatorname{tr} \Sigma_{aa} = \operatorname{tr} \Sigma_{bb} = D"
    )
    paper = "https://proceedings.mlr.press/v28/andrew13.html"
    family = "correlation"
    hyperparameters = (Parameter("ridge", "float", 0.1, 1e-3, 10.0, scale="log", title=Localized("ridge", "岭系数")),)

    def __init__(self, ridge: float = 0.1) -> None:
        super().__init__()
        self.ridge = ridge

    def between(self, pair: Pair) -> Tensor:
        a, b = centred(pair.a, pair.both), centred(pair.b, pair.both)
        freedom = (pair.both.sum() - 1).clamp_min(1)
        a, b = (x / root(x.square().sum() / freedom / x.shape[1]) for x in (a, b))
        cross = a.T @ b / freedom
        half = torch.linalg.solve_triangular(self._root(a, freedom), cross, upper=False)
        whitened = torch.linalg.solve_triangular(self._root(b, freedom), half.T, upper=False)
        broken = torch.where(whitened.isfinite().all(), 0.0, torch.nan)  # svdvals raises where the loop wants a NaN
        result: Tensor = broken - torch.linalg.svdvals(whitened.nan_to_num(0, 0, 0)).sum()
        return result

    def _root(self, x: Tensor, freedom: Tensor) -> Tensor:
        """(D, D) the lower triangle L with L L' = covariance of x + ridge."""
        eye = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
        result: Tensor = torch.linalg.cholesky_ex(x.T @ x / freedom + self.ridge * eye).L
        return result
