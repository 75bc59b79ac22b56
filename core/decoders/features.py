"""Vectors of numbers: a multilayer perceptron, the way back of `core/encoders/features.py`.

a = relu(h W_1 + b_1)       (B, 4 D)
x = a W_2 + b_2             (B, F), in the modality's shape
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from core.data.base import Modality
from core.decoders.base import Decoder

WIDER = 4  # times D: the hidden layer, as wide as the encoder's


class FeaturesDecoder(Decoder):
    """h (B, D) -> (B, ...), any number of axes."""

    kind = "features"
    name = "perceptron"
    title = "Perceptron"
    idea = "One hidden layer, then the numbers."

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        self.hidden = nn.Linear(width, WIDER * width)
        self.out = nn.Linear(WIDER * width, math.prod(modality.shape))

    def forward(self, h: Tensor) -> Tensor:
        result: Tensor = self.out(self.hidden(h).relu()).view(-1, *self.modality.shape)
        return result
