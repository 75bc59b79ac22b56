"""Unimodal auxiliary losses: each modality must also predict on its own.

    y_m = W_m z_m + b_m                              (B, C)    a linear reader a modality
    L   = L_fused + weight * sum_m loss(y_m, t)                over the samples that have the modality

The fused loss stops teaching an encoder as soon as another one has solved the task; its own loss does not. The readers are
thrown away after training.

Wang et al., What makes training multi-modal networks hard? 2020, https://arxiv.org/abs/1905.12681 (equal weights there are
this strategy); Neverova et al. and many others have used it without a name. A late ensemble needs none: its experts have
nothing but their own losses.
"""

from __future__ import annotations

from torch import Tensor

from core.balancing.auxiliary_heads import AuxiliaryHeads
from core.balancing.base import Strategy
from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import ModelSpec
from core.output import Batch, Output


class Auxiliary(Strategy):
    """A linear head per modality, trained on z_m (B, D) alone; its loss joins the objective's (Wang et al., 2020, 1905.12681)."""

    name = "auxiliary"
    title = Localized("A loss for each sense", "每种感官各有损失")
    idea = Localized(
        "Each sense must also answer on its own, whatever the others know.",
        "无论其他感官知道什么，每种感官都必须独自作答。",
    )
    formula = r"\mathcal{L} = \mathcal{L}_{fused} + \lambda \sum_m \mathcal{L}(W_m z_m + b_m, y)"
    paper = "https://arxiv.org/abs/1905.12681"
    hyperparameters = (
        Parameter(
            "weight", "float", 1.0, 0.0, 10.0, 0.1, title=Localized("weight of each sense's loss", "各感官损失的权重")
        ),
    )
    stages = ("feature",)
    joint = True
    needs_target = True

    def __init__(self, spec: ModelSpec, weight: float) -> None:
        super().__init__(spec)
        self.weight = weight
        self.readers = AuxiliaryHeads(spec)

    def losses(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        losses = self.readers.losses(output.z, batch)
        return {f"{self.name}/{name}": self.weight * loss for name, loss in losses.items()}
