"""CentralNet: a central stream beside the encoders takes in each of their levels, by learned weights.

    u_m = mean of the tokens of m                              (B, D)    the encoder's first level; z_m is its second
    c_1 = GELU(W_1 sum_m a_m u_m + b_1)                        (B, D)
    h   = GELU(W_2 (a_c c_1 + sum_m a'_m z_m) + b_2)           (B, D)

How early the modalities meet is itself learned: large a, small a' is early fusion, a_c = 0 is fusion of what is ready.
Vielzeuf et al., CentralNet: a Multilayer Approach for Multimodal Fusion, 2018. https://arxiv.org/abs/1808.07275
The paper also gives each encoder a loss of its own; here that is a strategy of its own. Weights begin at one.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.fusion.masks import stacked, token_mask
from core.output import Output
from core.seeding import initialising


class Central(FeatureFusion):
    """A central stream h (B, D) that takes in each level of the encoders by learned weights (CentralNet, 1808.07275)."""

    name = "central"
    title = Localized("Central stream (CentralNet)", "中央流（CentralNet）")
    idea = Localized(
        "A central stream takes in each level of the encoders: how early they meet is learned.",
        "一条中央流逐层吸收各编码器：多早汇合由学习决定。",
    )
    family = "intermediate"
    formula = (
        r"h = \mathrm{GELU}\Big(W_2 \big(a_c c_1 + \sum_m a'_m z_m\big) + b_2\Big),\quad "
        r"c_1 = \mathrm{GELU}\Big(W_1 \sum_m a_m u_m + b_1\Big),\quad u_m = \mathrm{mean}\, t_m"
    )
    paper = "https://arxiv.org/abs/1808.07275"

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.early, self.ready = nn.Parameter(torch.ones(len(self.names))), nn.Parameter(torch.ones(len(self.names)))
        self.stream = nn.Parameter(torch.ones(()))
        with initialising(spec.seed, "mix"):
            self.first, self.second = (nn.Linear(spec.width, spec.width) for _ in range(2))

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        u = torch.stack([_mean(tokens[name], present[name]) for name in self.names], 1)  # (B, M, D)
        c = F.gelu(self.first((self.early.unsqueeze(1) * u).sum(1)))
        return F.gelu(self.second(self.stream * c + (self.ready.unsqueeze(1) * stacked(z)).sum(1)))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """The share of each learned weight in its level; the second level also reads the stream."""
        levels = [
            torch.cat([torch.zeros_like(self.stream[None]), self.early]),
            torch.cat([self.stream[None], self.ready]),
        ]
        sizes = torch.stack(levels).abs()
        shares = sizes / sizes.sum(1, keepdim=True).clamp_min(1e-12)
        return {"weight": Diagnostic((("layer 1", "layer 2"), ("stream", *self.names)), shares)}


def _mean(tokens: Tensor, present: Tensor) -> Tensor:
    """Mean of the tokens (B, T, D) that say something; zeros where none does."""
    mask = token_mask(tokens, present).unsqueeze(2)
    return (tokens * mask).sum(1) / mask.sum(1).clamp_min(1)
