"""Perceiver: torch's own layer over one list of tokens, whose order does not matter."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from tests.core.fusion.inputs import embeddings, everyone
from tests.core.fusion.test_block import torchs
from tests.core.fusion.test_bottleneck import tokens_of
from tests.core.test_promises import build

WIDTH = 12


def test_it_equals_the_formula_on_torchs_layers() -> None:
    model = build("perceiver", 3, questions=3)
    z, tokens = embeddings(model), tokens_of(model)
    listed = [torch.cat([z[name].unsqueeze(1), tokens[name]], 1) for name in model.names]
    padding = torch.cat([torch.zeros(6, 3, dtype=torch.bool), (torch.cat(listed, 1) == 0).all(2)], 1)
    listed = torch.cat([x + model.kinds[name] for name, x in zip(model.names, listed, strict=True)], 1)
    q = model.queries.expand(6, 3, WIDTH)
    for block in model.blocks:
        q = torchs(block, WIDTH)(torch.cat([q, listed], 1), src_key_padding_mask=padding)[:, :3]
    expected = F.layer_norm(q.mean(1), (WIDTH,))
    assert torch.allclose(model.fuse(z, tokens, everyone(model)), expected, atol=1e-5)


def test_the_order_of_tokens_does_not_matter_but_whose_they_are() -> None:
    model = build("perceiver")
    with torch.no_grad():
        for kind in model.kinds.values():
            kind.normal_()
    z, tokens = embeddings(model), tokens_of(model)
    turned = {name: value.flip(1) for name, value in tokens.items()}
    h = model.fuse(z, tokens, everyone(model))
    assert torch.allclose(h, model.fuse(z, turned, everyone(model)), atol=1e-5)
    crossed = {"image": tokens["audio"], "audio": tokens["image"]}
    assert not torch.allclose(h, model.fuse(z, crossed, everyone(model)), atol=1e-2)
