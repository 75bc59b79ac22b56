"""A transformer block: places listen to places, then each thinks for itself.

    a = softmax(Q n(x)_{1..T} (K n(x))' / sqrt(d))         (B, H, T, S)    the first T places listen to all S that are there
    x = x_{1..T} + O [a_1 V_1 n(x); ...; a_H V_H n(x)]      (B, T, D)
    x = x + W_2 GELU(W_1 n(x) + b_1) + b_2                 (B, T, D)

n is a layer norm, before each step rather than after: it learns without a warm-up. No dropout. T < S where only some
places are read afterwards: the others need not be computed.
Vaswani et al., Attention Is All You Need, 2017. https://arxiv.org/abs/1706.03762
Xiong et al., On Layer Normalization in the Transformer Architecture, 2020. https://arxiv.org/abs/2002.04745
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from core.fusion.masks import softmax_where

WIDER = 2  # times D: the hidden layer of the thinking step


class Block(nn.Module):
    """x (B, S, D), there (B, S) -> (B, T, D). At least one place must be there."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        inner = heads * max(1, width // heads)
        self.listen_norm, self.think_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask = nn.Linear(width, inner)
        # no bias: it would move all of a row's scores alike, which a softmax does not see
        self.offer = nn.Linear(width, inner, bias=False)
        self.value = nn.Linear(width, inner)
        self.out = nn.Linear(inner, width)
        self.think = nn.Sequential(nn.Linear(width, WIDER * width), nn.GELU(), nn.Linear(WIDER * width, width))
        for layer in self.modules():
            if isinstance(layer, nn.Linear):  # steeper than torch's own first weights, which hardly learn exclusive-or
                nn.init.xavier_uniform_(layer.weight)

    def forward(self, x: Tensor, there: Tensor, asking: int | None = None) -> Tensor:
        x = x[:, :asking] + self.out(self.heard(x, there, asking))
        result: Tensor = x + self.think(self.think_norm(x))
        return result

    def heard(self, x: Tensor, there: Tensor, asking: int | None = None) -> Tensor:
        """What each of the first places hears, head beside head: (B, T, H * d)."""
        n = self.listen_norm(x)
        q, k, v = self._split(self.ask(n[:, :asking])), self._split(self.offer(n)), self._split(self.value(n))
        said = F.scaled_dot_product_attention(q, k, v, attn_mask=there[:, None, None, :])  # twice as fast as by hand
        return said.transpose(1, 2).flatten(2)

    def attention(self, x: Tensor, there: Tensor, asking: int | None = None) -> Tensor:
        """Who listens to whom, to be looked at: (B, H, T, S), rows add up to 1."""
        n = self.listen_norm(x)
        q, k = self._split(self.ask(n[:, :asking])), self._split(self.offer(n))
        return softmax_where(q @ k.transpose(2, 3) / q.shape[3] ** 0.5, there[:, None, None, :], 3)

    def _split(self, x: Tensor) -> Tensor:
        """(B, T, H * d) -> (B, H, T, d)."""
        result: Tensor = x.unflatten(2, (self.heads, -1)).transpose(1, 2)
        return result
