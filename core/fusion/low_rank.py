"""Low-rank fusion: the tensor product's weights as a sum of a few products, so the tensor is never built.

    u_m = [1; z_m]                                     (B, 1 + D)
    f_m = W_m^r u_m      for r = 1..R                  (B, R, D)
    h   = sum_r f_1^r * f_2^r * ... * f_M^r + b        (B, D)

Equal to `tensor`'s W (u_1 (x) ... (x) u_M) with W = sum_r w_1^r (x) ... (x) w_M^r: (1 + D)^M D weights become M R (1 + D) D,
linear in the number of modalities.
Liu et al., Efficient Low-rank Multimodal Fusion with Modality-Specific Factors, 2018. https://arxiv.org/abs/1806.00064
Without the paper's weight a rank, which its factors hold already; the weights of the appended 1 begin at one, so that the
product of many modalities neither vanishes nor forgets any of them alone. An absent modality contributes its 1 alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.output import Output
from core.seeding import initialising


class LowRank(FeatureFusion):
    """The tensor product of [1; z_m] with weights of rank R, never built: h (B, D) (LMF, Liu et al., 2018, 1806.00064)."""

    name = "low_rank"
    title = Localized("Low-rank tensor", "低秩张量")
    idea = Localized(
        "All products of features, with weights that are a sum of a few simple ones.",
        "包含特征的所有乘积，权重则是少数几个简单张量之和。",
    )
    family = "intermediate"
    formula = r"h = \sum_{r=1}^{R} \prod_m W_m^{(r)} [1; z_m] + b"
    paper = "https://arxiv.org/abs/1806.00064"
    hyperparameters = (Parameter("rank", "int", 4, 1, 64, title=Localized("rank", "秩")),)

    def __init__(self, spec: ModelSpec, rank: int) -> None:
        super().__init__(spec)
        self.rank = rank
        with initialising(spec.seed, "mix"):  # each a Linear: its bias holds the weights of the appended 1
            factors = {name: nn.Linear(spec.width, rank * spec.width) for name in self.names}
        for factor in factors.values():
            nn.init.ones_(factor.bias)
        self.factors = nn.ModuleDict(factors)
        self.bias = nn.Parameter(torch.zeros(spec.width))

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        return self._terms(z).sum(1) + self.bias

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How much each rank's product weighs in the sum."""
        size = self._terms(output.z).norm(dim=2)  # (B, R)
        shares = size / size.sum(1, keepdim=True).clamp_min(1e-12)
        return {"factors": Diagnostic((tuple(str(r + 1) for r in range(self.rank)),), shares.mean(0))}

    def _terms(self, z: dict[str, Tensor]) -> Tensor:
        """(B, R, D), one product of all modalities a rank."""
        factors = [self.factors[name](z[name]).unflatten(1, (self.rank, -1)) for name in self.names]
        return torch.stack(factors).prod(0)
