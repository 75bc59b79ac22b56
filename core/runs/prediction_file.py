"""The predictions of a finished run for each test sample, in one small file of its folder: <run>/predictions.bin. Torch-free.

A frame (`core/runs/frames.py`) with the header {"kind": "predictions", "measure", "share", "test", "samples"} and these blocks:

    score         (N,) uint8 0 or 1, or float32      of each sample; the mean is the run's `test/<metric>`
    probability   (N, C) float16                     of each class, or of each label
    value         (N, V) float32                     where numbers are predicted
    target        (N,) int16, or (N, C) uint8, or (N, V) float32
    rank          (R, N) float32                     of the best match, a row a direction, where nothing is predicted

The score alone decides intervals and verdicts; the rest is for people who want to score in another way. A file that would be
larger than CAP keeps the score alone, or is not written; `result.json` says so under "predictions".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from core.errors import RunError
from core.runs import frames, store
from core.runs.types import KeptPredictions

FILE = "predictions.bin"
CAP = 4_000_000  # bytes: 10^5 samples of 16 classes; a folder of runs has to stay small
CLOSE = 1e-4  # a score's mean and the run's own figure, made in another precision


@dataclass(frozen=True)
class Predictions:
    """What the last look gives: a header, and the blocks that the module's text lists."""

    header: Mapping[str, Any]
    blocks: Mapping[str, np.ndarray]


def write(folder: Path, found: Predictions | None) -> KeptPredictions:
    """Write them; what `result.json` says of it."""
    if found is None:
        return {"kept": "nothing", "bytes": 0, "reason": "no score of single samples is known for this metric"}
    size = sum(block.nbytes for block in found.blocks.values())
    if size <= CAP:
        return _written(folder, found, "all", "")
    reason = f"{size} bytes are more than the {CAP} that a run may keep"
    if found.blocks["score"].nbytes <= CAP:
        return _written(folder, Predictions(found.header, {"score": found.blocks["score"]}), "scores", reason)
    return {"kept": "nothing", "bytes": 0, "reason": reason}


def _written(folder: Path, found: Predictions, kept: Literal["all", "scores"], reason: str) -> KeptPredictions:
    data = frames.encode(dict(found.header), dict(found.blocks))
    store.write_atomic(folder / FILE, data, durable=True, make=False)  # result.json promises it
    return {"kept": kept, "bytes": len(data), "reason": reason}


def read(folder: Path) -> Predictions | None:
    """None where there are none, or none that can be read."""
    try:
        header, blocks = frames.decode(store.read_file(folder / FILE, 2 * CAP))
    except (RunError, OSError, frames.FrameError):
        return None
    return Predictions(header, blocks)


@dataclass(frozen=True)
class Kept:
    """scores (N,) of the samples of the test set named `test`; share: they lie in 0..1, as right or wrong."""

    scores: np.ndarray
    share: bool
    test: str


def read_scores(folder: Path, metric: str, value: float) -> Kept | None:
    """Those of a run whose `test/<metric>` is `value`; None where they are missing or belong to other figures."""
    return None if (found := read(folder)) is None else scores_in(found, metric, value)


def scores_in(found: Predictions, metric: str, value: float) -> Kept | None:
    """The scores among predictions, as `read_scores`."""
    score = found.blocks.get("score")
    if score is None or score.ndim != 1 or len(score) < 2 or found.header.get("measure") != metric:
        return None
    whole = score.astype(float)
    if not np.isfinite(whole).all() or abs(float(whole.mean()) - value) > CLOSE:
        return None
    share = bool(found.header.get("share")) and bool(((whole >= 0) & (whole <= 1)).all())
    return Kept(whole, share, str(found.header.get("test")))
