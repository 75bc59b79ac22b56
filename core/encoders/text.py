"""Text: a bag of word embeddings.

    x (B, T) token ids, 0 = padding -> tokens (B, T, D), zeros at padding
    z = W mean of the tokens (B, D); padding counts for nothing, however long it is

It cannot know the order of words; encoders that can come with the data that need it.
"""

from __future__ import annotations

from torch import Tensor, nn

from core.data.base import Modality
from core.encoders.base import Encoder


class TextEncoder(Encoder):
    kind = "text"

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        self.words = nn.Embedding(modality.vocabulary, width, padding_idx=0)
        self.pool = nn.Linear(width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        tokens = self.words(x)  # (B, T, D); the padding row is zero and stays so
        count = (x != 0).sum(1, keepdim=True).clamp_min(1)
        return tokens, self.pool(tokens.sum(1) / count)
