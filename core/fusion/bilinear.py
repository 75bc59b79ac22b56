"""Bilinear pooling: every output is a low-rank form in all modalities, and only its direction counts.

    u_m = U_m z_m                              (B, R, D)    no bias; ones where the modality is absent
    s   = sum_r u_1^r * u_2^r * ... * u_M^r    (B, D)       s_o = z_1' (sum_r U_1^ro (U_2^ro)') z_2 for two
    p   = s / sqrt(|s| + e)                    (B, D)       sign(s) sqrt(|s|) but for e = 1e-6
    h   = sqrt(D) p / |p|                      (B, D)

Yu et al., Multi-modal Factorized Bilinear Pooling (MFB), 2017. https://arxiv.org/abs/1708.01471
Kim et al., Hadamard Product for Low-rank Bilinear Pooling (MLB), 2017, is R = 1. https://arxiv.org/abs/1610.04325
The root tames what squares under a product, the norm takes the loudness out: a modality that is twice as strong says the
same. Length sqrt(D) instead of 1, so that one linear head can be sure; no dropout. `low_rank` has an appended 1 instead.
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

TINY = 1e-6  # the slope of a root is infinite at 0


class Bilinear(FeatureFusion):
    """Factorised bilinear pooling of z_m (B, D) into h (B, D), power- and length-normalised (MFB, Yu et al., 2017, 1708.01471)."""

    name = "bilinear"
    title = Localized("Bilinear pooling", "双线性池化")
    idea = Localized(
        "Multiply expanded embeddings, sum up, and keep the direction: loudness does not count.",
        "把扩展后的嵌入相乘再求和，只保留方向：音量大小不起作用。",
    )
    family = "intermediate"
    formula = (
        r"h = \sqrt{D}\, p / \lVert p \rVert,\quad p = s / \sqrt{|s| + \epsilon},\quad "
        r"s = \sum_{r=1}^{R} \prod_m U_m^{(r)} z_m"
    )
    paper = "https://arxiv.org/abs/1708.01471"
    hyperparameters = (Parameter("rank", "int", 4, 1, 32, title=Localized("rank", "秩")),)

    def __init__(self, spec: ModelSpec, rank: int) -> None:
        super().__init__(spec)
        self.rank = rank
        width = spec.width
        with initialising(spec.seed, "mix"):
            self.factors = nn.ModuleDict({name: nn.Linear(width, rank * width, bias=False) for name in self.names})

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        s = self._terms(z, present).sum(1)
        p = s / (s.abs() + TINY).sqrt()
        result: Tensor = F.normalize(p, dim=1) * p.shape[1] ** 0.5
        return result

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How much each rank's product weighs in the sum."""
        size = self._terms(output.z, present).norm(dim=2)  # (B, R)
        shares = size / size.sum(1, keepdim=True).clamp_min(1e-12)
        return {"factors": Diagnostic((tuple(str(r + 1) for r in range(self.rank)),), shares.mean(0))}

    def _terms(self, z: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        """(B, R, D), one product of all modalities a rank."""
        factors = [
            torch.where(present[name].view(-1, 1, 1), self.factors[name](z[name]).unflatten(1, (self.rank, -1)), 1.0)
            for name in self.names
        ]
        return torch.stack(factors).prod(0)
