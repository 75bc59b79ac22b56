"""The one loop. `train(config)` is a generator: a notebook loops over it, a test lists it, a worker writes what it yields.

    for step in train(config): ...

Nothing is printed, no callback is called, nothing is written. Losses stay on the device in a buffer and are read once
per record; pictures come out of the validation pass, so nothing is computed twice. All randomness comes from streams named
by the epoch, so a run continued from an epoch's end is bit-equal to one that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.config import RunConfig
from core.data.base import DataSet, Task
from core.errors import TrainingError
from core.fusion.base import Fusion
from core.objectives.base import Objective
from core.runs.prediction_file import Predictions
from core.runs.types import ModelResult
from core.seeding import stream_seed
from core.training import evaluation
from core.training.clock import Clock
from core.training.diagnostics import calibration, costs, diagnostics
from core.training.evaluation import Frame
from core.training.final_evaluation import final_evaluation
from core.training.sampler import Sampler, numbered
from core.training.state import TrainState
from core.training.update_rule import UpdateRule, evaluated_model, named_losses

RECORDS_PER_EPOCH = 10
TOTAL = "loss"  # the name of what is minimised


@dataclass(frozen=True)
class Step:
    """One record. `values` are bit-identical for equal configs (same device kind and threads); `seconds` are not."""

    step: int  # optimiser steps done
    epoch: float
    seconds: float  # spent training so far, validation included; its share where several train together
    progress: float  # 0..1 of the budget in epochs or seconds
    values: dict[str, float] = field(default_factory=dict)
    frame: Frame | None = None  # at validation points, when asked for
    state: Callable[[], dict[str, Tensor]] | None = None  # at epoch ends: what a checkpoint holds
    result: ModelResult | None = None  # with the last step, as are
    predictions: Predictions | None = None  # of each test sample
    cpu_seconds: float | None = (
        None  # of this process, as `seconds`; None where a resume does not know what went before
    )


def train(
    config: RunConfig,
    resume: Mapping[str, Tensor] | None = None,
    frames: bool = True,
    look: bool = True,
    task: Task | None = None,
    rule: type[UpdateRule] | str | None = None,
    sampler: type[Sampler] | str | None = None,
    dataset: type[DataSet] | None = None,
    fusion: type[Fusion] | None = None,
    objective: type[Objective] | None = None,
) -> Iterator[Step]:
    """Train and yield a Step per record: `step` 0 before the first update, then every k updates, k set by the config.

    `resume` is a state that an earlier Step gave. `frames=False` leaves out the embeddings and their figures,
    `look=False` validation altogether but for the last epoch's (benchmarks). A `task` of your own takes the place of the
    config's data set, whose modalities it must have; an update `rule` and a `sampler` of your own (classes or names) that of those
    that the config's strategy and objective need; a `dataset`, `fusion` or `objective` (classes, which need no entry in
    any table) that of the config's, whose settings they do not take over. Raises DataError or ConfigError before work starts, TrainingError
    when a loss is no longer finite.
    """
    config = config.using(dataset=dataset, fusion=fusion, objective=objective)
    state = TrainState.build(config, task, rule, sampler)
    start = state.load_state_dict(resume) if resume is not None else 0
    return Loop(state, frames, look).run(start, resume)


class Loop:
    """The loop's few moving parts: the clock, the buffer of losses, the step counter.

    `on_start`, `note`, `on_step`, `on_epoch_end` and `final_evaluation` are the parts of `run`;
    `core/training/multi_seed.py` goes the same way with several of these at once.
    """

    def __init__(self, state: TrainState, frames: bool, look: bool) -> None:
        self.state, self.frames, self.look = state, frames, look
        self.config = state.config
        self.per_epoch = len(state.sampler)
        self.every = self.config.record_every or max(1, self.per_epoch // RECORDS_PER_EPOCH)
        self.step = 0
        self.clock = Clock()
        self.loss_buffer: list[Tensor] = []
        self.names: tuple[str, ...] = ()
        self.extra: dict[str, Tensor] = {}

    def run(self, start: int, resume: Mapping[str, Tensor] | None) -> Iterator[Step]:
        """Epochs `start`, `start` + 1, ... until the budget is used up."""
        self.step = start * self.per_epoch
        if resume is not None:
            self.clock.resume(resume)
        epoch = start
        if start == 0:
            yield from self.on_start()
        while not self._done(epoch):
            yield from self.pass_over(epoch)
            epoch += 1
        yield self.final_evaluation(epoch)

    def on_start(self) -> Iterator[Step]:
        """The record before the first update, where validation is wanted."""
        self.state.rule.after_epoch(self.state)
        if self.look:
            yield self._record(0, {}, self._evaluate())

    def recorded(self, number: int) -> bool:
        """Whether a record follows the update with batch `number` = 1, 2, ... of an epoch."""
        return number == self.per_epoch or self.step % self.every == self.every - 1

    def on_step(self, epoch: int, number: int, losses: Tensor) -> Step:
        """The record after batch `number` of an epoch that goes on; `losses` (k, names) are those since the last."""
        return self._record(epoch + number / self.per_epoch, self._drain(losses), None)

    def on_epoch_end(self, epoch: int, losses: Tensor) -> Step:
        """The record at an epoch's end, with validation."""
        values = self._drain(losses)
        self.state.trained_epochs = epoch + 1
        self.state.rule.after_epoch(self.state)
        return self._record(epoch + 1, values, self._evaluate() if self._looks_at(epoch) else None)

    def final_evaluation(self, epoch: int) -> Step:
        """The last record: what is looked at once."""
        state = self.evaluated()
        last = final_evaluation(state)
        values = last.values | calibration(state)
        cost = costs(state)
        found = diagnostics(state, last.tables, cost["flops"])
        result: ModelResult = {**cost, **last.tables, "instruments": found}
        return Step(
            step=self.step,
            epoch=epoch,
            seconds=self.clock.seconds(),
            progress=1.0,
            values=values,
            result=result,
            predictions=last.predictions,
            cpu_seconds=self.clock.cpu_seconds(),
        )

    def pass_over(self, epoch: int) -> Iterator[Step]:
        """The sampler's items of one epoch; a record every k steps and one, with validation, at the end."""
        torch.manual_seed(stream_seed(self.config.seed, "noise", str(epoch)))
        for number, batch in numbered(self.state.sampler, self.state, epoch):
            recorded = self.recorded(number)
            losses = named_losses(self.state.rule, self.state.rule.update(self.state, batch, recorded))
            self.loss_buffer.append(torch.stack([loss.detach() for loss in losses.values()]))
            if recorded:
                self.note(tuple(losses), self.state.rule.log_values())
            self.step += 1
            if recorded and number < self.per_epoch:
                yield self.on_step(epoch, number, self._read_losses())
        yield self.on_epoch_end(epoch, self._read_losses())

    def evaluated(self) -> TrainState:
        """The state that is evaluated: the update rule may adapt the model first."""
        return self.state.with_model(evaluated_model(self.state.rule, self.state))

    def note(self, names: tuple[str, ...], values: dict[str, Tensor]) -> None:
        """The losses' names, and what a record says beside them, left on the device until it is drained."""
        self.names, self.extra = names, values

    def _read_losses(self) -> Tensor:
        """The one moment when the device is waited for: losses since the last record (k, names)."""
        losses = torch.stack(self.loss_buffer).cpu()
        self.loss_buffer.clear()
        return losses

    def _drain(self, losses: Tensor) -> dict[str, float]:
        """Mean losses since the last record, checked for NaN."""
        self._check_finite(losses)
        values = {f"train/{name}": float(v) for name, v in zip(self.names, losses.mean(0), strict=True)}
        return values | {name: float(value) for name, value in self.extra.items()}

    def _check_finite(self, losses: Tensor) -> None:
        bad = (~losses.isfinite()).nonzero()
        if not len(bad):
            return
        row = int(bad[0, 0])
        columns = [int(c) for r, c in bad if int(r) == row]
        column = next((c for c in columns if self.names[c] != TOTAL), columns[0])  # a term says more than the total
        term = self.names[column]
        first = self.step - len(losses) + row + 1
        raise TrainingError("not_finite", term=term, value=str(float(losses[row, column])), step=first)

    def _evaluate(self) -> evaluation.Evaluation:
        return evaluation.evaluate(self.evaluated(), self.frames)

    def _looks_at(self, epoch: int) -> bool:
        return self.look or self._done(epoch + 1)

    def _record(self, epoch: float, values: dict[str, float], evaluated: evaluation.Evaluation | None) -> Step:
        at_end = evaluated is not None or epoch == int(epoch)
        return Step(
            step=self.step,
            epoch=round(epoch, 6),
            seconds=self.clock.seconds(),
            progress=self._progress(epoch),
            values=values | (evaluated.values if evaluated else {}),
            frame=evaluated.frame if evaluated else None,
            state=self._state if at_end and epoch > 0 else None,
            cpu_seconds=self.clock.cpu_seconds(),
        )

    def _state(self) -> dict[str, Tensor]:
        return {**self.state.state_dict(), "step": torch.tensor(self.step), **self.clock.state_dict()}

    def _progress(self, epoch: float) -> float:
        if self.config.seconds:
            return min(1.0, self.clock.seconds() / self.config.seconds)
        return epoch / self.config.epochs

    def _done(self, epoch: int) -> bool:
        if self.config.seconds:
            return epoch > 0 and self.clock.seconds() >= self.config.seconds
        return epoch >= self.config.epochs
