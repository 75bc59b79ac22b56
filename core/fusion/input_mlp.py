"""Early fusion: a perceptron on the raw numbers of all modalities.

    g_1   = GELU(W [x_1; ...; x_M] + b) = GELU(sum_m W_m x_m + b)    (B, D)
    g_l+1 = GELU(V_l g_l + c_l)                                      (B, D)    for each further layer; h is the last
    y     = U g_L + d                                                (B, C)

Non-linear and early: it learns exclusive-or, which no sum of separate opinions can.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import InputFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, share_of_norm
from core.fusion.model_spec import head_of
from core.output import Output
from core.seeding import initialising


class InputMLP(InputFusion):
    """A perceptron over the concatenated raw values; its first layer is a sum over modalities (B, D)."""

    name = "input_mlp"
    common = True
    title = Localized("Early, perceptron", "早期感知机")
    idea = Localized(
        "Put the raw numbers side by side and let one network bend through them.",
        "把原始数值并排，让一个网络去弯曲划分。",
    )
    family = "early"
    formula = (
        r"g_1 = \mathrm{GELU}(W\,[x_1; \dots; x_M] + b),\quad g_{l+1} = \mathrm{GELU}(V_l g_l + c_l),\quad "
        r"y = U g_L + d"
    )
    hyperparameters = (
        Parameter("layers", "int", 2, 1, 4, title=Localized("layers", "层数")),
        Parameter("hidden", "int", 128, 8, 1024, scale="log", title=Localized("hidden width", "隐藏层宽度")),
    )

    def __init__(self, spec: ModelSpec, layers: int, hidden: int) -> None:
        super().__init__(spec, hidden)
        with initialising(spec.seed, "trunk"):
            self.bias = nn.Parameter(torch.zeros(hidden))
            self.layers = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(layers - 1))
            self.head = head_of(spec, hidden)

    def mix(self, total: Tensor) -> tuple[Tensor, Tensor | None]:
        h = F.gelu(total + self.bias)
        for layer in self.layers:
            h = F.gelu(layer(h))
        return h, self.head(h) if self.head else None

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        return {"share": share_of_norm(output.z)}
