"""Vectors of numbers: a multilayer perceptron whose hidden layer is read as a few tokens.

    tokens  = relu(x W_1 + b_1), cut into T = 4 pieces    (B, T, D)
    pooled  = flatten(tokens) W_2 + b_2                   (B, D)

A vector has no places, so its tokens are learned views of the whole of it.
"""

from __future__ import annotations

from torch import Tensor, nn

from core.catalog.localized import Localized
from core.data.base import Modality
from core.encoders.base import Encoder

TOKENS = 4


class FeaturesEncoder(Encoder):
    """(B, ...) -> tokens (B, T, D), pooled (B, D); anything with more than one axis is flattened."""

    kind = "features"
    name = "perceptron"
    title = Localized("Perceptron", "感知机")
    idea = Localized("One hidden layer, read as a few tokens.", "一个隐藏层，读作几个词元。")

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        self.views = nn.Linear(self.raw_width(modality), TOKENS * width)
        self.pool = nn.Linear(TOKENS * width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.views(x.flatten(1)).relu()  # (B, T * D)
        return hidden.view(-1, TOKENS, self.width), self.pool(hidden)
