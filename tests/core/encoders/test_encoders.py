"""The promises of every encoder, by being in the table, and one check of its own for each that has a secret."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.data.base import Modality
from core.encoders import ENCODERS, Encoder, build_encoder
from core.encoders.audio import AudioEncoder
from core.encoders.gru import GruEncoder
from core.encoders.lenet import LeNetAudio, LeNetImage

SHAPES = {
    "image": [Modality("image", (1, 8, 8)), Modality("image", (3, 24, 24)), Modality("image", (1, 28, 20))],
    "audio": [Modality("audio", (32, 32)), Modality("audio", (16, 50))],
    "text": [Modality("text", (9,), vocabulary=12), Modality("text", (2,), vocabulary=3)],
    "features": [Modality("features", (7,)), Modality("features", (1,))],
}
CASES = [pytest.param(e, m, id=f"{e.kind}-{e.name}-{m.shape}") for e in ENCODERS for m in SHAPES[e.kind]]
every_encoder = pytest.mark.parametrize(("encoder", "modality"), CASES)


def samples(modality: Modality, count: int, seed: int = 0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    if modality.kind != "text":
        return torch.randn(count, *modality.shape, generator=draw)
    ids = torch.randint(1, modality.vocabulary, (count, *modality.shape), generator=draw)
    lengths = torch.randint(1, modality.shape[0] + 1, (count, 1), generator=draw)
    return ids * (torch.arange(modality.shape[0]) < lengths)


def fresh(encoder: type[Encoder], modality: Modality) -> Encoder:
    torch.manual_seed(0)
    return build_encoder(modality, 10, encoder.name)


@every_encoder
def test_tokens_and_a_pooled_vector(encoder: type[Encoder], modality: Modality) -> None:
    built = fresh(encoder, modality)
    assert type(built) is encoder
    for count in (1, 5):
        tokens, pooled = built(samples(modality, count))
        assert tokens.dim() == 3 and tokens.shape[::2] == (count, 10) and pooled.shape == (count, 10)
        assert tokens.isfinite().all() and pooled.isfinite().all()


@every_encoder
def test_every_trainable_tensor_moves(encoder: type[Encoder], modality: Modality) -> None:
    """By the pooled vector alone: late methods read nothing else."""
    built, x = fresh(encoder, modality), samples(modality, 64)
    before = {name: p.detach().clone() for name, p in built.named_parameters()}
    optimizer = torch.optim.SGD(built.parameters(), lr=0.1)
    for step in range(4):
        optimizer.zero_grad()
        (built(x)[1] - step).square().mean().backward()
        optimizer.step()
    assert not [name for name, p in built.named_parameters() if torch.equal(p, before[name])]


@every_encoder
def test_a_sample_does_not_depend_on_its_neighbours(encoder: type[Encoder], modality: Modality) -> None:
    built, x = fresh(encoder, modality), samples(modality, 6)
    assert not [m for m in built.modules() if isinstance(m, (nn.modules.batchnorm._BatchNorm, nn.Dropout))]
    for together, alone in zip(built(x), built(x[2:3]), strict=True):
        assert torch.allclose(together[2:3], alone, atol=1e-6)


@every_encoder
def test_an_absent_sample_is_finite(encoder: type[Encoder], modality: Modality) -> None:
    built = fresh(encoder, modality)
    tokens, pooled = built(torch.zeros_like(samples(modality, 3)))
    (tokens.sum() + pooled.sum()).backward()
    assert pooled.isfinite().all() and all(p.grad is None or p.grad.isfinite().all() for p in built.parameters())


@pytest.mark.parametrize("encoder", [e for e in ENCODERS if e.kind == "text"], ids=lambda e: e.name)
def test_padding_never_counts(encoder: type[Encoder]) -> None:
    modality = SHAPES["text"][0]
    built, x = fresh(encoder, modality), samples(modality, 7)
    longer = nn.functional.pad(x, (0, 5))
    (tokens, pooled), (more, same) = built(x), built(longer)
    assert torch.allclose(pooled, same, atol=1e-6) and torch.allclose(tokens, more[:, :9], atol=1e-6)
    assert not tokens[x == 0].any() and not more[longer == 0].any()


def test_a_gru_is_torchs_own_over_packed_texts() -> None:
    """The reference: torch's packed sequences, which never compute a padded step."""
    modality = SHAPES["text"][0]
    built, x = fresh(GruEncoder, modality), samples(modality, 16)
    lengths = (x != 0).sum(1)
    packed = nn.utils.rnn.pack_padded_sequence(built.embedding(x), lengths, batch_first=True, enforce_sorted=False)
    _, last = built.reader(packed)
    assert torch.allclose(built(x)[1], built.pool(last[0]), atol=1e-6)


def test_only_a_reader_of_order_tells_a_swap() -> None:
    modality = Modality("text", (4,), vocabulary=12)
    one, two = torch.tensor([[3, 7, 5, 0]]), torch.tensor([[5, 7, 3, 0]])
    apart = {}
    for name in ("bag", "gru"):
        torch.manual_seed(0)
        built = build_encoder(modality, 10, name)
        apart[name] = float((built(one)[1] - built(two)[1]).detach().abs().max())
    assert apart["bag"] < 1e-6 and apart["gru"] > 1e-3


@pytest.mark.parametrize(("modality", "stages", "channels"), [((1, 28, 28), 4, 48), ((1, 112, 112), 6, 192)])
def test_lenet_has_the_stages_of_multibench(modality: tuple[int, ...], stages: int, channels: int) -> None:
    """1x28x28 images end with 48 numbers after 4 stages, 112x112 spectrograms with 192 after 6."""
    built = LeNetImage(Modality("image", modality), 10)
    convolutions = [m for m in built.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == stages and convolutions[-1].out_channels == channels
    assert [c.kernel_size[0] for c in convolutions] == [5, *[3] * (stages - 1)]
    sound = LeNetAudio(Modality("audio", modality[1:]), 10)
    assert len([m for m in sound.modules() if isinstance(m, nn.Conv2d)]) == stages
    assert sound(torch.zeros(2, *modality[1:]))[0].shape == (2, 1, 10)


def test_a_louder_band_says_nothing() -> None:
    """A microphone that hears some bands better than others changes nothing: a spectrogram's means over time do not count."""
    modality = SHAPES["audio"][1]
    built, x = fresh(AudioEncoder, modality), samples(modality, 4)
    coloured = x + torch.linspace(-3, 3, modality.shape[0]).unsqueeze(1)
    for one, other in zip(built(x), built(coloured), strict=True):
        assert torch.allclose(one, other, atol=1e-5)
    assert not torch.allclose(built(x)[1], built(x.flip(2))[1], atol=1e-2)
