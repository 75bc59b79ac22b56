"""Modality dropout: who is lost, who stays, and what it is good for."""

from __future__ import annotations

import pytest
import torch

from core.balancing.modality_dropout import ModalityDropout
from core.config import RunConfig
from core.data.base import Modality
from core.errors import ConfigError
from core.fusion.base import ModelSpec
from core.output import Batch
from core.train import train

BLUEPRINT = ModelSpec({name: Modality("features", (3,)) for name in ("x", "y", "z")}, width=4, classes=2, seed=0)


def batch_of(rows: int = 4000) -> Batch:
    """The second half lacks z from the start."""
    here = {name: torch.ones(rows, dtype=torch.bool) for name in BLUEPRINT.modalities}
    here["z"] = torch.arange(rows) < rows // 2
    inputs = {name: torch.ones(rows, 3) * present.unsqueeze(1) for name, present in here.items()}
    target = torch.zeros(rows, dtype=torch.long)
    return Batch(inputs, here, target, target, torch.arange(rows))


def test_what_is_lost_is_zero_and_said_to_be_lost() -> None:
    patterns = ModalityDropout(BLUEPRINT, rate=0.5, modality="any").transform_batch(batch_of())
    for name, x in patterns.inputs.items():
        assert torch.equal(x != 0, patterns.present[name].unsqueeze(1).expand_as(x))


def test_the_last_one_stays_and_nobody_comes_back() -> None:
    batch = batch_of()
    patterns = ModalityDropout(BLUEPRINT, rate=0.9, modality="any").transform_batch(batch)
    present = torch.stack(tuple(patterns.present.values()))
    assert present.any(0).all()
    assert not (patterns.present["z"] & ~batch.present["z"]).any()
    alone = present.sum(0) == 1
    assert torch.stack([present[m, alone].float().mean() for m in range(3)]).min() > 0.15  # nobody is the favourite


def test_it_loses_the_share_it_was_asked_for() -> None:
    """Two that the second half has: lost with .3 each, and one of the two is given back in .09 of the samples."""
    patterns = ModalityDropout(BLUEPRINT, rate=0.3, modality="any").transform_batch(batch_of(40_000))
    half = slice(20_000, None)
    for name in ("x", "y"):
        assert float((~patterns.present[name][half]).float().mean()) == pytest.approx(0.3 - 0.09 / 2, abs=0.012)


def test_only_the_named_one_is_lost() -> None:
    patterns = ModalityDropout(BLUEPRINT, rate=0.5, modality="y").transform_batch(batch_of())
    assert patterns.present["x"].all() and torch.equal(patterns.present["z"], batch_of().present["z"])
    assert float(patterns.present["y"].float().mean()) == pytest.approx(0.5, abs=0.03)


def test_a_modality_that_the_data_lack_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"strategy.modality is 'text'|strategy.modality is text"):
        RunConfig.make("av_digits", settings={"strategy": "modality_dropout", "strategy.modality": "text"})


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_missing_image_is_survived(seed: int) -> None:
    """A clear camera and a noisy microphone: concat leans on the camera and is lost without it."""
    base = {"data.image_noise": 0.0, "seed": seed, "epochs": 12}

    def blind(**more: str) -> float:
        config = RunConfig.make("av_digits", "concat", "classification", {**base, **more})
        result = list(train(config, frames=False, look=False))[-1].result
        return result["missing"]["image"][-1][1]

    assert blind(strategy="modality_dropout") > blind() + 0.15


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_starved_sense_is_fed(seed: int) -> None:
    """One loud clear vector and one faint noisy one say the same. Nobody notices in the accuracy that one was never learnt."""
    base = {
        **{f"data.{name}": 0.0 for name in ("unique1", "unique2", "synergy", "label_noise")},
        "data.train_noise": 3.0,
        "data.test_noise": 3.0,
        "data.x2_noise": 0.02,
        "data.strength": 20.0,
        "data.dim": 256,
        "width": 8,
        "epochs": 4,
        "learning_rate": 1e-3,
        "seed": seed,
    }

    def values(fusion: str = "concat", **more: object) -> dict[str, float]:
        config = RunConfig.make("interactions", fusion, "classification", {**base, **more})
        return list(train(config, frames=False, look=False))[-1].values

    starved, alone = values(), values("only")
    fed = values(strategy="modality_dropout", **{"strategy.rate": 0.5})
    assert starved["test/accuracy/redundant"] >= 0.99 and fed["test/accuracy/redundant"] >= 0.99
    assert starved["test/probe/x1/redundant"] <= 0.85
    assert alone["test/probe/x1/redundant"] >= 0.99 and fed["test/probe/x1/redundant"] >= 0.97
