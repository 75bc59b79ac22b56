"""Opinions made by hand: what a decision fusion's `combine` is given, without experts."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.base import Modality
from core.fusion import FUSIONS, build_model
from core.fusion.base import DecisionFusion, ModelSpec

SENSES = ("image", "audio", "text", "x", "y")


def late(
    name: str, count: int = 2, classes: int = 3, prior: tuple[float, ...] = (), **parameters: object
) -> DecisionFusion:
    """A decision fusion of `count` modalities."""
    modalities = {sense: Modality("features", (4,)) for sense in SENSES[:count]}
    model = build_model(name, ModelSpec(modalities, 4, classes, 0, prior), parameters)
    assert isinstance(model, DecisionFusion)
    return model


def decided(model: DecisionFusion, *opinions: list[float], without: tuple[int, ...] = ()) -> Tensor:
    """The probabilities (C,) that come of one list of probabilities a modality."""
    log_p = torch.tensor(opinions).log().unsqueeze(1)  # (M, 1, C)
    present = torch.tensor([[m not in without] for m in range(len(opinions))])
    with torch.no_grad():
        return model.combine(log_p, present).softmax(1)[0]


DECISIONS = [name for name, fusion in FUSIONS.items() if fusion.stage == "decision"]
