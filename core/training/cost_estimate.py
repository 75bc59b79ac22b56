"""What a training will cost, before it is launched: the model is built, its first steps are taken and thrown away.

parameters, flops, bytes    as `core.training.diagnostics.costs` has them: exact
seconds                     opening + epochs * (steps an epoch * seconds per step + validation) + the last look, on this
                            machine as busy as it is now; a budget in seconds is its own answer
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.compare.estimates import place
from core.config import RunConfig
from core.errors import described
from core.metrics.cost import seconds_left
from core.runs import store
from core.runs.types import Costs
from core.training.diagnostics import costs
from core.training.evaluation import evaluate
from core.training.loop import Loop
from core.training.state import TrainState

RECORDS = 4  # that are waited for, the first of them to warm up; a record comes every few steps
PATIENCE = 1.0  # seconds that they may take together
LAST_LOOK = 35  # validations that the last look takes where something is predicted: 29 to 50 with eight methods


class Estimate(Costs):
    """A run's costs, its time among them."""

    seconds: float


def estimate(config: RunConfig) -> Estimate:
    """What one run costs. Raises what `train` would raise before its first step."""
    state = TrainState.build(config)
    found = costs(state)
    seconds = config.seconds or _seconds(Loop(state, frames=True, look=True))
    return Estimate(**found, seconds=seconds)


def write(root: Path, config: RunConfig) -> dict[str, Any]:
    """Keep the estimate where pages read it; or the "problem" that kept it from being made, else they would ask for ever."""
    try:
        found: dict[str, Any] = dict(estimate(config))
    except Exception as error:
        found = {"problem": described(error)}
    store.write_json(place(root, config), found)
    return found


def _seconds(loop: Loop) -> float:
    opening = _timed(lambda: list(loop.on_start()))
    validation = _timed(lambda: evaluate(loop.evaluated(), frames=True))
    last = LAST_LOOK * validation if loop.state.objective.predicts else validation
    epoch = seconds_left(_paces(loop, validation), loop.per_epoch) + validation
    return opening + loop.config.epochs * epoch + last


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _paces(loop: Loop, validation: float) -> list[float]:
    """Seconds per step between one record and the next; the epoch's last record comes with a validation."""
    begun = before = time.perf_counter()
    found: list[float] = []
    step = loop.step
    for record in loop.pass_over(0):
        now = time.perf_counter()
        spent = now - before - (validation if record.epoch == 1 else 0.0)
        found.append(max(0.0, spent) / (record.step - step))
        before, step = now, record.step
        if len(found) == RECORDS or now - begun > PATIENCE:
            break
    return found
