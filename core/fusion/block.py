"""A transformer block: tokens attend to tokens, then a feed-forward network reads each by itself.

    a = softmax(Q n(x)_{1..T} (K n(x))' / sqrt(d))         (B, H, T, S)    the first T tokens attend to all S that are unmasked
    x = x_{1..T} + O [a_1 V_1 n(x); ...; a_H V_H n(x)]      (B, T, D)
    x = x + W_2 GELU(W_1 n(x) + b_1) + b_2                 (B, T, D)

n is a layer norm, before each step rather than after: it learns without a warm-up. No dropout. T < S where only some
tokens are read afterwards: the others need not be computed.
Vaswani et al., Attention Is All You Need, 2017. https://arxiv.org/abs/1706.03762
Xiong et al., On Layer Normalization in the Transformer Architecture, 2020. https://arxiv.org/abs/2002.04745
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from core.fusion.masks import softmax_where
from core.fusion.old_keys import accept_old_keys

WIDER = 2  # times D: the hidden layer of the feed-forward network
_NEW_NAMES = {
    "ask": "query",
    "offer": "key",
    "listen_norm": "attention_norm",
    "think_norm": "feed_forward_norm",
    "think": "feed_forward",
}  # of layers, in earlier checkpoints


class Block(nn.Module):
    """x (B, S, D), mask (B, S) -> (B, T, D) of the first T = `queries` tokens, all by default.

    The mask is true where there is a token; at least one per sample.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        inner = heads * max(1, width // heads)
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query = nn.Linear(width, inner)
        # no bias: it would move all of a row's scores alike, which a softmax does not see
        self.key = nn.Linear(width, inner, bias=False)
        self.value = nn.Linear(width, inner)
        self.out = nn.Linear(inner, width)
        self.feed_forward = nn.Sequential(nn.Linear(width, WIDER * width), nn.GELU(), nn.Linear(WIDER * width, width))
        accept_old_keys(self, _NEW_NAMES)
        for layer in self.modules():
            if isinstance(layer, nn.Linear):  # steeper than torch's own first weights, which hardly learn exclusive-or
                nn.init.xavier_uniform_(layer.weight)

    def forward(self, x: Tensor, mask: Tensor, queries: int | None = None) -> Tensor:
        x = x[:, :queries] + self.out(self.attended(x, mask, queries))
        result: Tensor = x + self.feed_forward(self.feed_forward_norm(x))
        return result

    def attended(self, x: Tensor, mask: Tensor, queries: int | None = None) -> Tensor:
        """The attention-weighted values of each of the first tokens, the heads concatenated: (B, T, H * d)."""
        n = self.attention_norm(x)
        q, k, v = self._split(self.query(n[:, :queries])), self._split(self.key(n)), self._split(self.value(n))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])  # twice as fast as by hand
        return mixed.transpose(1, 2).flatten(2)

    def attention(self, x: Tensor, mask: Tensor, queries: int | None = None) -> Tensor:
        """The attention weights, for diagnostics: (B, H, T, S), rows add up to 1."""
        n = self.attention_norm(x)
        q, k = self._split(self.query(n[:, :queries])), self._split(self.key(n))
        return softmax_where(q @ k.transpose(2, 3) / q.shape[3] ** 0.5, mask[:, None, None, :], 3)

    def _split(self, x: Tensor) -> Tensor:
        """(B, T, H * d) -> (B, H, T, d)."""
        result: Tensor = x.unflatten(2, (self.heads, -1)).transpose(1, 2)
        return result
