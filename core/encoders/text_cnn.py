"""Text as short phrases: filters that slide over the words, and of each filter its strongest answer.

    e       = E[x], zeros where x = 0 (padding)                       (B, T, D)
    c_t     = relu(sum_k W_k e_{t+k} + b), k = -1, 0, 1               (B, T, D)
    tokens  = c, zeros where x = 0                                    (B, T, D)
    pooled  = max_t tokens W_2 + b_2                                  (B, D)

Kim, Convolutional neural networks for sentence classification, 2014. https://arxiv.org/abs/1408.5882
Simplified: the paper has filters of three, four and five words, here they have three. It reads the order of words within
a phrase, and not where a phrase stands: "red circle left of ..." and "... left of a red circle" differ only at the seam.
Padding is zero like the space around a text, so it never counts.
"""

from __future__ import annotations

from torch import Tensor, nn

from core.catalog.localized import Localized
from core.data.base import Modality
from core.encoders.text import PADDING, Text

WORDS = 3  # a filter sees


class TextCnnEncoder(Text):
    """(B, T) -> tokens (B, T, D), pooled (B, D)."""

    name = "text_cnn"
    title = Localized("TextCNN", "文本卷积网络（TextCNN）")
    idea = Localized(
        "Filters over three words each; of every filter the strongest answer.", "每个滤波器看三个词；各取其最强的响应。"
    )
    paper = "https://arxiv.org/abs/1408.5882"

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        self.embedding = nn.Embedding(modality.vocabulary, width, padding_idx=PADDING)
        self.filters = nn.Conv1d(width, width, WORDS, padding=WORDS // 2)
        self.pool = nn.Linear(width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        answers = self.filters(self.embedding(x).transpose(1, 2)).relu().transpose(1, 2)
        tokens = answers * (x != PADDING).unsqueeze(2)
        return tokens, self.pool(tokens.amax(1))  # answers are not negative, so a zero never hides one
