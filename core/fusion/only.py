"""One modality alone: the baseline that every comparison needs.

    z_m = encoder_m(x_m)         (B, D)
    p   = softmax(W_m z_m + b_m) (B, C)

It is the very expert that late fusion trains for this modality: same first weights, same stream of batches, same loss,
so its curve is bit-equal to that expert's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import DecisionFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.output import Output


class Only(DecisionFusion):
    """The encoder and head of one modality: prediction (B, C), bit-equal to that expert of a late method."""

    name = "only"
    common = True
    title = Localized("One modality alone", "单一模态")
    idea = Localized(
        "Look at one modality and ignore the rest: what fusion has to beat.", "只看一种模态，忽略其余：融合必须超过它。"
    )
    stage = "single"
    family = "baseline"
    formula = r"p = \mathrm{softmax}(W_m z_m + b_m)"
    hyperparameters = (Parameter("modality", "modality", "", basic=True, title=Localized("modality", "模态")),)
    fewest = 1
    additive_scale = "log-probabilities"

    def __init__(self, spec: ModelSpec, modality: str) -> None:
        super().__init__(replace(spec, modalities={modality: spec.modalities[modality]}))
        self.offered = tuple(spec.modalities)

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        return log_p[0]

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How sure it is; it always agrees with itself."""
        return {"confidence": super().diagnostics(output, present)["confidence"]}
