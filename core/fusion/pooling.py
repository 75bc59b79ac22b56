"""Pooling: of each coordinate keep the largest value, or the mean.

    p = max_m z_m  or  mean_m z_m      (B, D)    over the modalities that are present
    h = GELU(W p + b)                  (B, D)

With `pool=max` each coordinate belongs to whoever speaks loudest for this sample, a choice that no fixed weights can make;
`pool=mean` is the other end, where everybody counts the same. The order of the modalities does not matter, and a missing
one leaves no hole.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.fusion.masks import stacked
from core.output import Output
from core.seeding import initialising


class Pooling(FeatureFusion):
    """The maximum or the mean of each coordinate over the modalities that are present, then one layer: h (B, D)."""

    name = "pooling"
    title = Localized("Pooling", "池化")
    idea = Localized(
        "Of each coordinate keep the largest value that any modality gives, or the mean.",
        "每个坐标取各模态中的最大值，或取平均。",
    )
    family = "intermediate"
    formula = (
        r"h = \mathrm{GELU}\big(W\,\mathrm{pool}_m z_m + b\big),\quad "
        r"\mathrm{pool} \in \{\max, \mathrm{mean}\}"
    )
    hyperparameters = (
        Parameter("pool", "choice", "max", choices=("max", "mean"), title=Localized("what is kept", "保留方式")),
    )

    def __init__(self, spec: ModelSpec, pool: str) -> None:
        super().__init__(spec)
        self.pool = {"max": _loudest, "mean": _equal}[pool]
        with initialising(spec.seed, "mix"):
            self.mix = nn.Linear(spec.width, spec.width)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        stack = stacked(z)  # (B, M, D)
        part = self.pool(stack, stacked(present).unsqueeze(2))
        return F.gelu(self.mix((part * stack).sum(1)))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How many of the coordinates each modality gives."""
        part = self.pool(stacked(output.z), stacked(present).unsqueeze(2))
        return {"wins": Diagnostic((self.names,), part.mean((0, 2)))}


def _loudest(z: Tensor, mask: Tensor) -> Tensor:
    """(B, M, D): 1 where a modality has the largest value of those present, 0 elsewhere; z is (B, M, D), mask (B, M, 1)."""
    first = z.detach().masked_fill(~mask, -1e9).argmax(1, keepdim=True)
    return z.new_zeros(z.shape).scatter_(1, first, 1.0) * mask


def _equal(z: Tensor, mask: Tensor) -> Tensor:
    return (mask / mask.sum(1, keepdim=True).clamp_min(1)).expand(z.shape)
