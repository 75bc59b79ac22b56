"""What one Step leaves in a run's folder: a record, the embeddings of a picture, a checkpoint.

Records are buffered and written every `FLUSH` seconds: the clock decides when, never what. A checkpoint follows the records
that came before it.
"""

from __future__ import annotations

import json
import math
import time
from typing import cast

from core.errors import TrainingError
from core.runs import frames
from core.runs.types import MetricRecord, RecordHead
from core.training.evaluation import Frame
from core.training.loop import Step
from core.training.run_writer import RunWriter

FLUSH = 0.1  # seconds between writes: more a second than an eye follows would only cost


class StepWriter:
    """The records of one writing."""

    def __init__(self, files: RunWriter) -> None:
        self.files = files
        self.lines: list[str] = []
        self.flushed = 0.0
        self.unsaved: Step | None = None  # the newest state that a checkpoint does not hold

    def write(self, step: Step, epochs: int) -> None:
        """The record, and the picture's embeddings; TrainingError where a value is not finite.

        Then the picture alone is written, for it shows where. `epochs` is the run's budget, which its header says.
        """
        bad = [(name, value) for name, value in step.values.items() if not math.isfinite(value)]
        if step.frame is not None and step.result is None:
            self._write_frame(step, step.frame, epochs)
        for name, value in bad:  # a test loss, say: the training's own are looked at by the loop
            raise TrainingError("not_finite", term=name, value=str(value), step=step.step)
        if step.result is None:
            self.lines.append(json.dumps(_record(step), allow_nan=False))

    def due(self) -> bool:
        """Whether the last flush is long enough ago."""
        return time.perf_counter() - self.flushed >= FLUSH

    def flush(self) -> None:
        """Write the buffered records."""
        self.flushed = time.perf_counter()
        if not self.lines:
            return
        lines, self.lines = self.lines, []
        self.files.records(lines)

    def checkpoint(self, step: Step, always: bool = False) -> None:
        """The step's state, where it has one and the last checkpoint is long enough ago, or `always`."""
        if step.state is None:
            return
        self.unsaved = step
        if always or self.files.checkpoint_due():
            self.flush()
            self.files.checkpoint(step.state())
            self.unsaved = None

    def last_checkpoint(self) -> None:
        """The newest state, where no checkpoint holds it: so that a finished run's model can be asked."""
        if self.unsaved is not None:
            self.checkpoint(self.unsaved, always=True)

    def _write_frame(self, step: Step, frame: Frame, epochs: int) -> None:
        test = {name: value for name, value in step.values.items() if name.startswith("test/")}
        header = {
            "kind": "embedding",
            "step": step.step,
            "epoch": step.epoch,
            "epochs": epochs,
            "values": {name: value for name, value in test.items() if math.isfinite(value)},
            "diagnostics": frame.diagnostics,
            "roles": frame.roles,
        }
        self.files.picture("frames", step.step, frames.encode(header, frame.blocks))


def _record(step: Step) -> MetricRecord:
    head = RecordHead(step=step.step, epoch=step.epoch, seconds=round(step.seconds, 4))
    return cast(MetricRecord, head) | step.values | _diagnostics(step)


def _diagnostics(step: Step) -> dict[str, float]:
    """What a method decided, as values with a curve: weights, gates, votes. Tables stay in the picture."""
    diagnostics = step.frame.diagnostics if step.frame is not None else {}
    return {
        f"diagnostics/{name}/{label}": round(value, 5)
        for name, one in diagnostics.items()
        if len(one["axes"]) == 1
        for label, value in zip(one["axes"][0], one["mean"], strict=True)
    }
