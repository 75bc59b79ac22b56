"""The pieces of `gpu.py` that hold the promises: a card answers as the processor does, and the same twice."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from typing import Any

import torch

from core.config import RunConfig
from core.train import train

TWELVE = (  # every stage, every data set, attention, folds, penalties, a strategy with modules of its own
    ("interactions", "input_mlp", {}),
    ("interactions", "early_transformer", {}),
    ("interactions", "tensor", {}),
    ("interactions", "cross_attention", {}),
    ("interactions", "channel_exchange", {}),
    ("interactions", "late_product", {}),
    ("interactions", "concat", {"strategy": "ogm_ge"}),
    ("av_digits", "concat", {}),
    ("av_digits", "gated", {}),
    ("av_digits", "late_evidential", {}),
    ("captions", "concat", {}),
    ("av_digits", "bottleneck", {"strategy": "modality_dropout"}),
)
EPOCHS = 3
LOSS, SCORE = (
    0.02,
    0.03,
)  # relative, of the first recorded loss; absolute, of the last score: rounding grows as it trains


def attempted(part: Callable[[torch.device, bool], Any], device: torch.device, small: bool) -> Any:
    """The part's figures, or why there are none, with the way there on standard error: one that breaks costs no other."""
    try:
        return part(device, small)
    except Exception as error:
        traceback.print_exc()
        return {"missing": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}


def agreement(device: torch.device, small: bool) -> dict[str, Any]:
    """Twelve choices trained on the processor and on the device: first loss, last score, and whether both are within tolerance."""
    rows = {}
    for dataset, fusion, settings in TWELVE[:: 6 if small else 1]:
        name = " ".join([dataset, fusion, *map(str, settings.values())])
        rows[name] = attempted(lambda d, s, c=(dataset, fusion, settings): _agrees(c, d, s), device, small)
    return rows


def _agrees(choice: tuple[str, str, dict[str, Any]], device: torch.device, small: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in ("cpu", device.type):
        steps = list(train(chosen(*choice, device=kind, epochs=1 if small else EPOCHS)))
        losses = [step.values["train/loss"] for step in steps if "train/loss" in step.values]
        score = next((v for n, v in steps[-1].values.items() if re.fullmatch(r"test/(accuracy|recall@1|r@1)", n)), None)
        found[kind] = {"first": losses[0], "last": losses[-1], "score": score}
    cpu, own = found["cpu"], found[device.type]
    near = abs(own["first"] - cpu["first"]) <= LOSS * abs(cpu["first"])
    same = cpu["score"] is None or abs(own["score"] - cpu["score"]) <= SCORE
    return {**found, "agrees": bool(near and same)}


def repeatable(device: torch.device, small: bool) -> dict[str, Any]:
    """Twice the same run: are the curves equal to the bit? And a run that was stopped and went on, against one that was not."""
    rows = {}
    for dataset, fusion, settings in TWELVE[7 : 8 if small else 12]:
        name = " ".join([dataset, fusion, *map(str, settings.values())])
        rows[name] = attempted(lambda d, s, c=(dataset, fusion, settings): _repeats(c, d), device, small)
    return rows


def _repeats(choice: tuple[str, str, dict[str, Any]], device: torch.device) -> dict[str, bool]:
    config = chosen(*choice, device=device.type, epochs=2)
    curves = [[step.values for step in train(config)] for _ in range(2)]
    state = next(step.state() for step in train(config) if step.state and step.epoch == 1)
    resumed = [step.values for step in train(config, resume=state)]
    return {"again": curves[0] == curves[1], "resumed": resumed == curves[0][-len(resumed) :]}


def chosen(
    dataset: str,
    fusion: str | None = None,
    settings: dict[str, Any] | None = None,
    device: str = "cpu",
    epochs: int | None = None,
) -> RunConfig:
    more = {"device": device} | ({} if epochs is None else {"epochs": epochs})
    return RunConfig.make(dataset, fusion, settings={**(settings or {}), **more})
