"""Vectors of measured features: a perceptron with two hidden layers.

    x (B, F) -> hidden (B, 2D), GELU -> T tokens (B, T, D), GELU
    z = W [token_1; ...; token_T] (B, D)

A vector has no parts of its own, so the second hidden layer is read as T = 4 tokens for methods that attend.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from core.data.base import Modality
from core.encoders.base import Encoder

TOKENS = 4


class FeatureEncoder(Encoder):
    kind = "features"

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        self.hidden = nn.Linear(modality.shape[0], 2 * width)
        self.token = nn.Linear(2 * width, TOKENS * width)
        self.pool = nn.Linear(TOKENS * width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        tokens = F.gelu(self.token(F.gelu(self.hidden(x))))  # (B, T * D)
        return tokens.view(len(x), TOKENS, self.width), self.pool(tokens)
