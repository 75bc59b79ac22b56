"""Sum: add the embeddings up, so that each modality contributes the same whichever others are present.

    s = sum_m z_m              (B, D)    over the modalities that are present
    h = GELU(W s + b)          (B, D)

Unlike `weighted_average` nothing is rescaled when a modality is missing: evidence piles up, and the length of s tells how
much there is. Unlike `concat` all share W, so the encoders must learn one common space, and their order does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, share_of_norm
from core.fusion.masks import stacked
from core.output import Output
from core.seeding import initialising


class Sum(FeatureFusion):
    """One layer over sum_m z_m (B, D); an absent modality adds nothing."""

    name = "sum"
    common = True
    title = Localized("Sum", "求和")
    idea = Localized(
        "Add the embeddings up: evidence piles up in one common space.", "把嵌入相加：证据在同一个公共空间里累积。"
    )
    family = "intermediate"
    formula = r"h = \mathrm{GELU}\Big(W \sum_m z_m + b\Big)"

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        with initialising(spec.seed, "mix"):
            self.mix = nn.Linear(spec.width, spec.width)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        return F.gelu(self.mix(stacked(z).sum(1)))  # an absent z is zero

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        return {"share": share_of_norm(output.z)}
