"""What every decoder of the table promises: the modality's shape, samples apart, weights that move, a task it can learn."""

from __future__ import annotations

import pytest
import torch

from core.data.base import Modality
from core.decoders import DECODERS, build_decoder, shelf
from core.decoders.base import Decoder
from core.encoders import build_encoder
from core.encoders import shelf as encoders
from core.errors import ConfigError

SHAPES = {"image": ((1, 8, 8), (3, 10, 7)), "features": ((5,), (2, 3))}
CASES = [(decoder, Modality(decoder.kind, shape)) for decoder in DECODERS for shape in SHAPES[decoder.kind]]
every_decoder = pytest.mark.parametrize(("decoder", "modality"), CASES)


def built(decoder: type[Decoder], modality: Modality) -> Decoder:
    torch.manual_seed(0)
    return build_decoder(modality, 6, decoder.name)


@every_decoder
def test_it_gives_the_modalitys_shape_and_each_sample_alone(decoder: type[Decoder], modality: Modality) -> None:
    model, h = built(decoder, modality), torch.randn(7, 6)
    x = model(h)
    assert x.shape == (7, *modality.shape)
    assert torch.allclose(model(h[2:3]), x[2:3], atol=1e-6)


@every_decoder
def test_every_weight_has_a_slope_and_every_number_depends_on_h(decoder: type[Decoder], modality: Modality) -> None:
    model = built(decoder, modality)
    h = torch.randn(32, 6)
    model(h).square().sum().backward()
    assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in model.parameters())
    assert bool((model(h).std(0) > 0).all())


@every_decoder
def test_it_undoes_an_encoder(decoder: type[Decoder], modality: Modality) -> None:
    """Four samples through an encoder and back: to a hundredth of their variance."""
    torch.manual_seed(0)
    encoder, decoder_of = build_encoder(modality, 24), build_decoder(modality, 24, decoder.name)
    x = torch.randn(4, *modality.shape)
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder_of.parameters()], 0.01)
    for _ in range(300):
        loss = (decoder_of(encoder(x)[1]) - x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.01 * float(x.var())


def test_names_are_said_where_there_is_no_such_decoder() -> None:
    assert set(shelf("image")) <= set(encoders("image"))  # the way back has the name of the way
    with pytest.raises(ConfigError, match="choose one of: patches"):
        build_decoder(Modality("image", (1, 8, 8)), 6, "magic")
    with pytest.raises(ConfigError, match="kind 'audio'; choose one of: none"):
        build_decoder(Modality("audio", (4, 4)), 6)
