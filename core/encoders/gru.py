"""Text read word by word: a gated recurrent unit, whose last state represents the text.

    e_t     = E[x_t]                                        (B, D)
    r, u    = sigmoid(W [e_t; h_{t-1}] + b)                 (B, D) each
    h_t     = u * h_{t-1} + (1 - u) * tanh(W' e_t + r * (U' h_{t-1} + b'))
    tokens  = h_t, zeros where x_t = 0 (padding)            (B, T, D)
    pooled  = h_last W_2 + b_2                              (B, D)

Cho et al., Learning phrase representations using RNN encoder-decoder, 2014. https://arxiv.org/abs/1406.1078
In the form of torch's GRU, which resets after the product. The order of words counts: "red left of blue" is not "blue
left of red". Padding comes after the last word and is never read, so a text's result does not depend on its batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.data.base import Modality
from core.encoders.text import PADDING, Text


class GruEncoder(Text):
    """(B, T) -> tokens (B, T, D), pooled (B, D)."""

    name = "gru"
    title = Localized("GRU", "门控循环单元（GRU）")
    idea = Localized("Reads word by word and remembers; the order of words counts.", "逐词阅读并记住；词序会起作用。")
    paper = "https://arxiv.org/abs/1406.1078"

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        self.embedding = nn.Embedding(modality.vocabulary, width, padding_idx=PADDING)
        self.reader = nn.GRU(width, width, batch_first=True)
        self.pool = nn.Linear(width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        real = x != PADDING
        states, _ = self.reader(self.embedding(x))
        tokens = states * real.unsqueeze(2)
        places = torch.arange(1, x.shape[1] + 1, device=x.device)
        last = ((real * places).amax(1) - 1).clamp_min(0)  # of a text without a word: its first place, a zero
        return tokens, self.pool(tokens[torch.arange(len(x), device=x.device), last])
