"""Tensor fusion: every product of one feature of each modality.

    u_m = [1; P_m z_m + p_m]                 (B, 1 + R)    [1; 0] where the modality is absent
    t   = u_1 (x) u_2 (x) ... (x) u_M        (B, (1 + R)^M)
    h   = GELU(W t + b)                      (B, D)

The appended 1 keeps each modality alone, and each pair, among the products.
Zadeh et al., Tensor Fusion Network, 2017. https://arxiv.org/abs/1707.07250
The paper takes the outer product of the embeddings themselves; P_m brings them to R features first, so that three
modalities stay small ((1 + R)^3). An absent modality contributes its 1 alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.output import Output
from core.seeding import initialising

LARGEST = 65_536  # products a sample; beyond that R shrinks, and the model says so in `rank`


class TensorFusion(FeatureFusion):
    """The outer product of all [1; P_m z_m], (B, (1 + R)^M), then one layer: h (B, D) (Zadeh et al., 2017, 1707.07250)."""

    name = "tensor"
    common = True
    title = Localized("Tensor product", "张量积")
    idea = Localized(
        "Multiply every feature of one modality with every feature of the others.",
        "把一种模态的每个特征与其他模态的每个特征相乘。",
    )
    family = "intermediate"
    formula = r"h = \mathrm{GELU}\big(W\,(u_1 \otimes \dots \otimes u_M) + b\big),\quad u_m = [1; P_m z_m + p_m]"
    paper = "https://arxiv.org/abs/1707.07250"
    hyperparameters = (Parameter("rank", "int", 16, 1, 64, title=Localized("rank", "秩")),)
    most = 4

    def __init__(self, spec: ModelSpec, rank: int) -> None:
        super().__init__(spec)
        count = len(self.names)
        self.rank = min(rank, int(LARGEST ** (1 / count)) - 1)
        with initialising(spec.seed, "mix"):
            self.small = nn.ModuleDict({name: nn.Linear(spec.width, self.rank) for name in self.names})
            self.mix = nn.Linear((1 + self.rank) ** count, spec.width)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        return F.gelu(self.mix(self._products(z, present)))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How the size of W t is shared between constants, single modalities and true products."""
        t = self._products(output.z, present)
        size = self.mix.weight.norm(dim=0) * t.abs().mean(0)  # ((1 + R)^M,)
        order = self._orders().to(size.device)
        shares = torch.stack([size[order == k].sum() for k in range(1, len(self.names) + 1)])
        names = ("alone", *(f"{k} together" for k in range(2, len(self.names) + 1)))
        return {"products": Diagnostic((names,), shares / shares.sum().clamp_min(1e-12))}

    def _products(self, z: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        t = torch.ones(len(next(iter(z.values()))), 1, device=self.mix.weight.device)
        for name in self.names:
            u = self.small[name](z[name]) * present[name].unsqueeze(1)
            u = F.pad(u, (1, 0), value=1.0)  # (B, 1 + R)
            t = (t.unsqueeze(2) * u.unsqueeze(1)).flatten(1)
        return t

    def _orders(self) -> Tensor:
        """How many modalities take part in each product."""
        order = torch.zeros(1, dtype=torch.long)
        one = (torch.arange(1 + self.rank) > 0).long()
        for _ in self.names:
            order = (order.unsqueeze(1) + one).flatten()
        return order
