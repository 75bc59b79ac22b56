"""MUTAN: a bilinear form whose tensor is taken apart twice, into a small core and the core into a few products.

    q_m = tanh(W_m z_m)                               (B, K)       K: what each modality brings to the core; no bias
    s   = sum_r (M_1^r q_1) * ... * (M_M^r q_M)       (B, D)       ones for M_m^r q_m where the modality is absent
    y   = W_o s + b                                   (B, C)       the head that every feature fusion has

That is y = T x_1 q_1 x_2 q_2 with the Tucker tensor T = core x_3 W_o, core_ijo = sum_r (M_1^r)_oi (M_2^r)_oj: each of its D
slices is a K x K matrix of rank R at most. With R = K the core is any tensor at all. So the K K D numbers of a core become
R (K + K) D, and the D D C of a bilinear form are never there.

Ben-younes et al., MUTAN: Multimodal Tucker Fusion for Visual Question Answering, 2017. https://arxiv.org/abs/1705.06676
As in the paper the tanh is before the core; no dropout, and any number of modalities instead of two. `low_rank` factorises
the tensor on the whole embeddings and an appended 1, `bilinear` does so too and keeps only the direction of the result.
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


class Mutan(FeatureFusion):
    """A bilinear form by Tucker decomposition, its core of rank R: h (B, D) (Ben-younes et al., 2017, 1705.06676)."""

    name = "mutan"
    title = Localized("Tucker fusion (MUTAN)", "Tucker 融合（MUTAN）")
    idea = Localized(
        "Bring a few numbers of each modality to a small core of products, itself a sum of simple ones.",
        "每种模态只带少量数值进入一个小小的乘积核心，核心本身又是少数简单乘积之和。",
    )
    family = "intermediate"
    formula = r"h = \sum_{r=1}^{R} \prod_m M_m^{(r)} \tanh(W_m z_m)"
    paper = "https://arxiv.org/abs/1705.06676"
    hyperparameters = (
        Parameter("rank", "int", 4, 1, 32, title=Localized("rank", "秩")),
        Parameter("core", "int", 24, 1, 128, title=Localized("size of the core", "核心的大小")),
    )

    def __init__(self, spec: ModelSpec, rank: int, core: int) -> None:
        super().__init__(spec)
        self.rank = rank
        width = spec.width
        with initialising(spec.seed, "mix"):
            self.small = nn.ModuleDict({name: nn.Linear(width, core, bias=False) for name in self.names})
            self.factors = nn.ModuleDict({name: nn.Linear(core, rank * width, bias=False) for name in self.names})

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        return self._terms(z, present).sum(1)

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How much each product weighs in the sum."""
        size = self._terms(output.z, present).norm(dim=2)  # (B, R)
        shares = size / size.sum(1, keepdim=True).clamp_min(1e-12)
        return {"factors": Diagnostic((tuple(str(r + 1) for r in range(self.rank)),), shares.mean(0))}

    def _terms(self, z: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        """(B, R, D), one product of all modalities a rank."""
        factors = []
        for name in self.names:
            brought = self.factors[name](self.small[name](z[name]).tanh()).unflatten(1, (self.rank, -1))
            factors.append(torch.where(present[name].view(-1, 1, 1), brought, 1.0))
        return torch.stack(factors).prod(0)
