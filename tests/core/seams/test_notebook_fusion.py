"""Seam: a fusion written in a notebook is trained without another file of the repository being touched."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from core import catalog
from core.catalog.parameters import Parameter
from core.catalog.registered import registered
from core.config import RunConfig
from core.errors import ConfigError
from core.fusion.base import FeatureFusion
from core.train import train

SMALL = {"epochs": 2, "data.train_size": 128, "data.test_size": 64, "device": "cpu"}


class Loudest(FeatureFusion):
    """Each coordinate of the modality that says it loudest."""

    name = "loudest"
    hyperparameters = (Parameter("gain", "float", 1.0, 0.1, 10.0),)

    def __init__(self, spec, gain: float) -> None:
        super().__init__(spec)
        self.gain = gain

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        stacked = torch.stack([z[name] for name in self.names])  # (M, B, D)
        return self.gain * stacked.gather(0, stacked.abs().argmax(0, keepdim=True)).squeeze(0)


@pytest.fixture(autouse=True)
def nothing_stays():
    """What a test registers is gone after it."""
    with registered():
        yield


def last(config: RunConfig, **own) -> dict[str, float]:
    *_, step = train(config, **own)
    return step.values


def test_a_class_takes_the_place_of_the_configs_fusion() -> None:
    config = RunConfig.make("interactions", "tensor", settings={**SMALL, "fusion.rank": 4})
    mine = last(config, fusion=Loudest)
    assert mine == last(RunConfig.make("interactions", Loudest, settings=SMALL)) != last(config)
    assert mine != last(RunConfig.make("interactions", Loudest, settings={**SMALL, "fusion.gain": 3}))
    assert catalog.text(catalog.fusion("loudest")) == "loudest", "the name stands in for the title"


def test_the_newest_class_of_a_name_is_meant_and_older_configs_keep_theirs() -> None:
    old = RunConfig.make("interactions", Loudest, settings=SMALL)
    again = type("Loudest", (Loudest,), {"fuse": lambda self, z, tokens, present: sum(z.values())})
    new = RunConfig.make("interactions", again, settings=SMALL)
    assert old == new and last(old) != last(new) == last(RunConfig.make("interactions", "loudest", settings=SMALL))


def test_it_is_known_within_the_block_alone() -> None:
    with registered(Loudest):
        assert RunConfig.make("av_digits", "loudest").fusion == "loudest"
    with pytest.raises(ConfigError, match="no fusion named 'loudest'"):
        RunConfig.make("av_digits", "loudest")


@pytest.mark.parametrize(
    ("own", "key"),
    [({"name": "concat"}, "name_taken"), ({"name": "a+b"}, "bad_class_name"), ({"shelf": "datasets"}, "wrong_class")],
)
def test_a_class_that_cannot_be_named_is_refused_with_a_sentence(own: dict[str, str], key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        RunConfig.make("interactions", type("Mine", (Loudest,), own))
    assert refused.value.key == key and "concat" in catalog.names("fusions")
