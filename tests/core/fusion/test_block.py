"""The transformer block against torch's own."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.fusion.block import WIDER, Block


def torchs(block: Block, width: int) -> nn.TransformerEncoderLayer:
    """torch's layer with the same weights."""
    theirs = nn.TransformerEncoderLayer(
        width, block.heads, WIDER * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    attention = theirs.self_attn
    with torch.no_grad():
        attention.in_proj_weight.copy_(torch.cat([block.query.weight, block.key.weight, block.value.weight]))
        attention.in_proj_bias.copy_(torch.cat([block.query.bias, torch.zeros(width), block.value.bias]))
    pairs = {
        attention.out_proj: block.out,
        theirs.linear1: block.feed_forward[0],
        theirs.linear2: block.feed_forward[2],
        theirs.norm1: block.attention_norm,
        theirs.norm2: block.feed_forward_norm,
    }
    for mine, ours in pairs.items():
        mine.load_state_dict(ours.state_dict())
    return theirs.train()  # in eval mode torch takes another path, which pads differently


@pytest.mark.parametrize("heads", [1, 4])
@pytest.mark.parametrize("queries", [None, 1, 3])
def test_it_equals_torchs_layer(heads: int, queries: int | None) -> None:
    torch.manual_seed(0)
    block, x = Block(12, heads), torch.randn(5, 7, 12)
    mask = torch.rand(5, 7) < 0.7
    mask[:, 0] = True
    expected = torchs(block, 12)(x, src_key_padding_mask=~mask)[:, :queries]
    assert torch.allclose(block(x, mask, queries), expected, atol=1e-5)


def test_diagnosed_attention_is_what_the_block_uses() -> None:
    torch.manual_seed(0)
    block, x = Block(12, 2), torch.randn(5, 7, 12)
    mask = torch.arange(7) < torch.tensor([[1], [3], [5], [7], [7]])
    weights = block.attention(x, mask)
    assert torch.allclose(weights.sum(3), torch.ones(5, 2, 7)) and (weights[0, :, :, 1:] == 0).all()
    values = block.value(block.attention_norm(x)).view(5, 7, 2, 6).transpose(1, 2)
    assert torch.allclose((weights @ values).transpose(1, 2).flatten(2), block.attended(x, mask), atol=1e-5)
