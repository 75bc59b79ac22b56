"""Early transformer: the pieces meet in the first block, and each modality's share is its own."""

from __future__ import annotations

from dataclasses import replace

import torch

from core.data.base import Modality
from core.encoders.pieces import pieces
from tests.core.fusion.test_block import torchs
from tests.core.test_promises import SENSES, batch_of, build


def test_every_number_is_in_one_piece() -> None:
    for modality in (
        Modality("image", (1, 8, 8)),
        Modality("image", (3, 5, 7)),
        Modality("audio", (16, 19)),
        Modality("features", (6,)),
        Modality("features", (2, 9)),
    ):
        count = torch.tensor(modality.shape).prod()
        x = torch.arange(1.0, 1 + count).view(1, *modality.shape)
        cut = pieces(modality, 4).cut(x).flatten()
        assert torch.equal(cut[cut != 0].sort().values, x.flatten())


def test_a_patch_is_a_square_of_neighbours() -> None:
    x = torch.arange(36.0).view(1, 1, 6, 6)
    cut = pieces(Modality("image", (1, 6, 6)), 4).cut(x)
    assert cut.shape == (1, 9, 4) and sorted(cut[0, 4].tolist()) == [14, 15, 20, 21]


def test_it_is_torchs_encoder_over_all_pieces() -> None:
    model, batch = build("early_transformer", 3, layers=3), batch_of(3)
    batch.inputs["text"][:4, -1] = 0  # padding
    output = model(batch)
    x = torch.cat([model.reader.expand(9, 1, 12), *(output.tokens[name] for name in model.names)], 1)
    padding = (x == 0).all(2)
    assert padding.sum() == 4
    for block in model.blocks:
        x = torchs(block, 12)(x, src_key_padding_mask=padding)
    assert torch.allclose(output.h, torch.nn.functional.layer_norm(x[:, 0], (12,)), atol=1e-5)


def test_what_is_read_first_is_a_mixture_of_the_shares() -> None:
    """attended = sum_m a_m z_m + a_r v_r, head by head, with a the attention that goes to each modality."""
    model, batch = build("early_transformer", 3), batch_of(3)
    output = model(batch)
    block, (x, mask) = model.blocks[0], model._join(output.tokens, batch.present)
    weights = block.attention(x, mask, 1).squeeze(2)  # (B, H, 1 + sum T)
    own, *rest = weights.split([1, *(output.tokens[name].shape[1] for name in model.names)], 2)
    value = block.value(block.attention_norm(x[:, 0])).view(9, 2, 6)
    mixture = own * value
    for name, to in zip(model.names, rest, strict=True):
        mixture = mixture + to.sum(2, keepdim=True) * output.z[name].view(9, 2, 6)
    assert torch.allclose(block.attended(x, mask, 1).view(9, 2, 6), mixture, atol=1e-5)


def test_a_share_is_seen_by_its_modality_alone() -> None:
    model, batch, other = build("early_transformer", 3), batch_of(3), batch_of(3, seed=1)
    mixed = replace(batch, inputs=batch.inputs | {"audio": other.inputs["audio"]})
    one, two = model(batch), model(mixed)
    assert torch.equal(one.z["image"], two.z["image"]) and torch.equal(one.z["text"], two.z["text"])
    assert not torch.allclose(one.z["audio"], two.z["audio"], atol=1e-3)
    assert not torch.allclose(one.h, two.h, atol=1e-3)


def test_pieces_know_their_place() -> None:
    """The same two words the other way round are another text."""
    model, batch = build("early_transformer", 3), batch_of(3)
    turned = replace(batch, inputs=batch.inputs | {"text": batch.inputs["text"].flip(1)})
    changed = (batch.inputs["text"] != turned.inputs["text"]).any(1)
    apart = (model(batch).h - model(turned).h).abs().amax(1)
    assert (apart[changed] > 1e-3).all() and SENSES["text"].shape == (3,)
