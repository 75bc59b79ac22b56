"""Bottleneck: the formula on torch's own transformer layers, and nothing passes but through the shared tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.fusion.bottleneck import Bottleneck
from tests.core.fusion.inputs import embeddings, everyone
from tests.core.fusion.test_block import torchs
from tests.core.test_promises import build

WIDTH = 12


def tokens_of(model: Bottleneck, seed: int = 0) -> dict[str, Tensor]:
    """Random tokens (6, T, D), another number for each modality; the last one is padding in some samples."""
    draw = torch.Generator().manual_seed(seed)
    tokens = {name: torch.randn(6, 3 + i, WIDTH, generator=draw) for i, name in enumerate(model.names)}
    for value in tokens.values():
        value[:2, -1] = 0
    return tokens


def reference(model: Bottleneck, z: dict[str, Tensor], tokens: dict[str, Tensor]) -> Tensor:
    """Everybody present, written anew on nn.TransformerEncoderLayer: all places are computed, two sorts are kept."""
    count, inner = model.shared.shape
    shared = model.shared.expand(6, count, inner)
    own = {name: model.enter[name](value) for name, value in z.items()}
    for level in model.levels:
        carried = []
        for name in model.names:
            x = torch.cat([own[name].unsqueeze(1), shared, model.enter[name](tokens[name])], 1)
            padding = torch.cat([torch.zeros(6, 1 + count, dtype=torch.bool), (tokens[name] == 0).all(2)], 1)
            out = torchs(level[name], inner)(x, src_key_padding_mask=padding)
            own[name] = out[:, 0]
            carried.append(out[:, 1 : 1 + count])
        shared = torch.stack(carried).mean(0)
    return model.leave(torch.stack([own[name] for name in model.names]).mean(0))


def test_it_equals_the_formula_on_torchs_layers() -> None:
    for count, layers in ((2, 2), (3, 3)):
        model = build("bottleneck", count, layers=layers, bottlenecks=3)
        z, tokens = embeddings(model), tokens_of(model)
        assert torch.allclose(model.fuse(z, tokens, everyone(model)), reference(model, z, tokens), atol=1e-5)


def crossed(**parameters: int) -> float:
    """How much d h / d (image) depends on the audio: 0 where h is a sum of what each says alone."""
    model = build("bottleneck", **parameters)
    model.leave = nn.Identity()  # would mix the two at the end, as a head can
    z, tokens = embeddings(model), tokens_of(model)
    other_z, other_tokens = embeddings(model, seed=1), tokens_of(model, seed=1)

    def h(image: int, audio: int) -> Tensor:
        zs, ts = (z, other_z), (tokens, other_tokens)
        embedded = {"image": zs[image]["image"], "audio": zs[audio]["audio"]}
        tokens_of_both = {"image": ts[image]["image"], "audio": ts[audio]["audio"]}
        return model.fuse(embedded, tokens_of_both, everyone(model)).detach()

    return float((h(0, 0) - h(1, 0) - h(0, 1) + h(1, 1)).abs().max())


def test_it_takes_a_block_in_and_a_block_out() -> None:
    assert crossed(layers=1) < 1e-5
    assert crossed(layers=2) > 1e-2


def test_all_that_passes_is_the_shared_tokens() -> None:
    """If nobody writes to them, nothing passes, however many blocks there are."""
    model = build("bottleneck", layers=3)
    z, tokens = embeddings(model), tokens_of(model)

    def alone(name: str) -> Tensor:
        return model.fuse(z, tokens, everyone(model, without="audio" if name == "image" else "image"))

    for level in model.levels:
        for block in level.values():
            full = block.forward
            block.forward = lambda x, there, asking, full=full: torch.cat(
                [full(x, there, asking)[:, :1], x[:, 1:asking]], 1
            )
    model.leave = nn.Identity()
    together = model.fuse(z, tokens, everyone(model))
    assert torch.allclose(together, (alone("image") + alone("audio")) / 2, atol=1e-5)
