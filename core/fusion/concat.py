"""Concatenation: put the embeddings side by side and let one layer mix them.

    h = GELU(W [z_1; ...; z_M] + b)      (B, D)
    y = U h + d                          (B, C)

The plain workhorse, and the one to beat in the middle.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, share_of_norm
from core.output import Output
from core.seeding import initialising


class Concat(FeatureFusion):
    """One layer over [z_1; ...; z_M] (B, M D) -> h (B, D)."""

    name = "concat"
    common = True
    title = Localized("Concatenation", "拼接")
    idea = Localized("Put the embeddings side by side and let one layer mix them.", "把嵌入并排，由一层网络混合。")
    family = "intermediate"
    formula = r"h = \mathrm{GELU}(W\,[z_1; \dots; z_M] + b)"

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        with initialising(spec.seed, "mix"):
            self.mix = nn.Linear(len(self.names) * spec.width, spec.width)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        return F.gelu(self.mix(torch.cat(tuple(z.values()), 1)))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How much each modality's block W_m z_m weighs in the sum."""
        blocks = self.mix.weight.split(self.spec.width, dim=1)
        parts = {n: output.z[n] @ block.T for n, block in zip(self.names, blocks, strict=True)}
        return {"share": share_of_norm(parts)}
