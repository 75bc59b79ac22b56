"""Early linear fusion: one linear map of the raw numbers of all modalities.

    y = W [x_1; ...; x_M] + b = sum_m W_m x_m + b      (B, C)

The article calls early fusion limited in what it can express. This one is; the limit is the line, not the early meeting:
compare `input_mlp`, which sees the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.fusion.base import InputFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, share_of_norm
from core.output import Output


class InputLinear(InputFusion):
    """The sum of a linear map per modality of raw values x_m is the prediction (B, C)."""

    name = "input_linear"
    common = True
    title = Localized("Early, linear", "早期线性融合")
    idea = Localized(
        "Put the raw numbers side by side and draw straight lines through them.", "把原始数值并排，用直线去划分。"
    )
    family = "early"
    gives = ("z", "prediction")
    formula = r"y = W\,[x_1; \dots; x_M] + b"
    additive = True
    additive_scale = "logits"

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec, spec.classes)
        self.bias = nn.Parameter(torch.zeros(spec.classes))

    def mix(self, total: Tensor) -> tuple[None, Tensor]:
        return None, total + self.bias

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        return {"share": share_of_norm(output.z)}
