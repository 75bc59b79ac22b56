"""Text as token ids: an embedding per token, their mean, two layers. The order of words is not read.

    tokens  = E[x], zeros where x = 0 (padding)           (B, T, D)
    mean    = sum_t tokens / number of real tokens        (B, D)
    pooled  = relu(mean W_1 + b_1) W_2 + b_2              (B, D)

Iyyer et al., Deep unordered composition rivals syntactic methods, 2015. https://aclanthology.org/P15-1162
Padding never counts, so a text's result does not depend on how long its batch was padded.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.data.base import Modality
from core.encoders.base import Encoder

PADDING = 0


class Text(Encoder):
    """What encoders of text share: (B, T) int64, 0 pads -> tokens (B, T, D), pooled (B, D). T may differ from batch to batch."""

    kind = "text"

    @classmethod
    def raw_width(cls, modality: Modality) -> int:
        """One number a word of the vocabulary; padding is no word."""
        return modality.vocabulary - 1

    @classmethod
    def raw(cls, modality: Modality, x: Tensor) -> Tensor:
        """Bag of words: how often each word occurs, (B, vocabulary - 1)."""
        counts = torch.zeros(len(x), modality.vocabulary, device=x.device)
        return counts.scatter_add_(1, x, torch.ones_like(x, dtype=counts.dtype))[:, 1:]

    @classmethod
    def fits(cls, modality: Modality, x: Tensor) -> bool:
        """Any length of text will do."""
        return x.dim() == 2 and x.dtype == torch.int64


class TextEncoder(Text):
    """(B, T) -> tokens (B, T, D), pooled (B, D)."""

    name = "bag"
    title = Localized("Bag of words", "词袋")
    idea = Localized("The mean of the word embeddings; the order of words is not read.", "词嵌入的平均；不读词序。")

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        self.embedding = nn.Embedding(modality.vocabulary, width, padding_idx=PADDING)
        self.pool = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        tokens = self.embedding(x)  # row 0 is zeros and stays so: padding_idx takes no gradient
        count = (x != PADDING).sum(1, keepdim=True).clamp_min(1)
        return tokens, self.pool(tokens.sum(1) / count)
