"""Writes what the loop yields into a run folder, and resumes from what is stored there.

A checkpoint is written at epoch ends, its records before it, so a killed writer loses at most the epochs since. Records and
pictures are in core/training/step_writer.py, requests to stop in core/training/stop_request.py; what waits for the disk, and
what happens when the folder goes away, in core/training/run_writer.py. Several seeds: core/training/multi_seed_recorder.py.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

from torch import Tensor

from core import catalog
from core.config import RunConfig
from core.data.base import Task
from core.data.loading import task_of
from core.data.samples import provide_samples
from core.errors import FusionariumError, RunError, TrainingError
from core.runs import prediction_file, read_config, store
from core.runs.contributions import gradient_shares
from core.runs.files import unreadable
from core.runs.types import Result, RunState, Status
from core.targets import target_named
from core.training.heartbeat import HeartbeatThread
from core.training.loop import Step, train
from core.training.run_writer import RunWriter
from core.training.step_writer import StepWriter
from core.training.stop_request import StopRequested, forget_stop, never, stop_file_exists, writing
from core.training.view_set import describe


def record(folder: Path, stop_requested: StopRequested = never) -> Iterator[Status]:
    """Train the run of this folder to its end; yields its status each time it is written.

    Ends with status "finished", "stopped" (somebody made the file `stop`, or `stop_requested(run)`) or "failed" (the message says why; the
    traceback is in log.txt). Nothing finished is ever overwritten: a new training starts in a new folder.
    """
    with writing(folder):
        recording = Recording(folder, stop_requested)
        with recording.heartbeat:
            yield from recording.guarded(recording.run())


class Recording:
    """One writing of one run: its status, from "running" to an end."""

    config: RunConfig
    task: Task

    def __init__(self, folder: Path, stop_requested: StopRequested = never) -> None:
        self.folder, self.stop_requested = folder, stop_requested
        self.files = RunWriter(folder)
        self.steps = StepWriter(self.files)
        self.seeds = 1  # that the clock's time is shared with
        self.status = Status(status=RunState.RUNNING, step=0, epoch=0.0, message="")
        self.heartbeat = HeartbeatThread(self.files)

    def run(self) -> Iterator[Status]:
        """Alone, from its checkpoint on."""
        resume = self.begin()
        yield self.status.copy()
        for step in self._training(resume):
            yield from self.take(step)
            if self.over:
                return

    def _training(self, resume: dict[str, Tensor] | None) -> Iterator[Step]:
        """`train`; a checkpoint that does not fit the model is said to be one."""
        try:
            return train(self.config, resume)
        except (RuntimeError, KeyError, TypeError, ValueError) as error:
            if resume is None or isinstance(error, FusionariumError):
                raise
            raise unreadable(self.folder / store.CHECKPOINT, "it does not fit this model") from error

    def start(self, seeds: int) -> Iterator[Status]:
        """With other seeds, from the beginning."""
        self.begin(seeds)
        yield self.status.copy()

    def begin(self, seeds: int = 1) -> dict[str, Tensor] | None:
        """Say that it runs, with how many seeds it is trained together, and write what is known before; its checkpoint."""
        self.config, self.seeds = read_config(self.folder), seeds
        before = _trained_together(self.folder)
        self.status |= {"epochs": self.config.epochs, "budget": self.config.seconds, "together": seeds}
        self._write_status(0.0, 0.0)
        self.task = task_of(self.config)
        fusion = self.config.choice.fusion
        looks_at = catalog.fused_modalities(fusion, self.config.fusion_settings, tuple(self.task.modalities))
        predicted = next((term["target"] for term in self.config.choice.terms if term["target"]), "")
        target = target_named(predicted) if predicted else None
        self.files.table("probe.json", describe(self.task, looks_at, target))
        resume = self.files.read_checkpoint()
        self.files.drop_after(None if resume is None else int(resume["step"]))
        if resume is not None:  # a part of it was
            self.status["together"] = max(seeds, before)
        return resume

    def take(self, step: Step | TrainingError) -> Iterator[Status]:
        """Write what the loop gave, or raise what it met; when the run is `over` nothing more is wanted."""
        if isinstance(step, TrainingError):
            raise step
        self.steps.write(step, self.config.epochs)
        if step.result is not None:
            provide_samples(self.task, self.folder.parent)
            yield self._finish(step)
            return
        if self.steps.due() or step.frame is not None:
            self.steps.flush()
            self.steps.checkpoint(step)
            yield self._write_status(step.progress, step.seconds, step)
        if self.stop_requested(self.folder.name) or stop_file_exists(self.folder):
            yield self._stop(step)

    @property
    def over(self) -> bool:
        """Whether the status is an end."""
        return self.status["status"] != RunState.RUNNING

    def guarded(self, work: Iterator[Status]) -> Iterator[Status]:
        """The statuses that `work` gives; what goes wrong in it becomes the last one."""
        try:
            yield from work
        except Exception as error:
            yield self.broken(error)

    def broken(self, error: Exception) -> Status:
        """`fail`, with a traceback in log.txt unless the error speaks to people."""
        if isinstance(error, FusionariumError):
            return self.fail(error)
        with suppress(RunError):
            self.files.text("log.txt", "".join(traceback.format_exception(error)))
        return self.fail(store.full_disk(self.folder, error) or error)

    def fail(self, error: Exception) -> Status:
        """The end of a run that went wrong; what it recorded stays. A full disk only stops it: it can go on."""
        people = isinstance(error, FusionariumError)
        key, values = (error.key, error.values) if isinstance(error, FusionariumError) else (None, {})
        message = str(error) if people else f"{type(error).__name__}: {error}"
        state = RunState.STOPPED if key in ("disk_full", "run_gone") else RunState.FAILED
        self.status |= {"status": state, "message": message, "seconds_left": None}
        self.status |= {"error": key, "values": {name: str(value) for name, value in values.items()}}
        with suppress(RunError):
            self.steps.flush()
        if not self.files.last_status(self.status):
            self.status["unwritten"] = True
        return self.status

    def _write_status(self, progress: float, seconds: float, step: Step | None = None, last: bool = False) -> Status:
        left = self.seeds * seconds * (1 - progress) / progress if progress > 0 else None
        self.status |= {
            "step": step.step if step else 0,
            "epoch": step.epoch if step else 0.0,
            "seconds": round(seconds, 3),
            "progress": round(progress, 4),
            "seconds_left": None if left is None else round(left, 2),
        }
        if step is not None and step.cpu_seconds is not None:
            self.status["cpu_seconds"] = round(step.cpu_seconds, 3)
        self.files.status(self.status, durable=last)
        return self.status.copy()

    def _finish(self, step: Step) -> Status:
        self.steps.flush()
        assert step.result is not None
        self.files.check()
        self.steps.last_checkpoint()
        result: Result = {
            "metrics": step.values,  # first, where the list of runs reads them
            "seconds": round(step.seconds, 3),
            "together": self.status["together"],
            "gradient_share": gradient_shares(self.folder),
            "predictions": prediction_file.write(self.folder, step.predictions),
        }
        result |= cast(Result, step.result)
        if step.cpu_seconds is not None:
            result["cpu_seconds"] = round(step.cpu_seconds, 3)
        self.files.result(result)
        self.status["status"] = RunState.FINISHED
        return self._write_status(1.0, step.seconds, step, last=True)

    def _stop(self, step: Step) -> Status:
        self.steps.flush()
        self.steps.checkpoint(step, always=True)
        forget_stop(self.folder)
        self.status["status"] = RunState.STOPPED
        return self._write_status(step.progress, step.seconds, step, last=True)


def _trained_together(folder: Path) -> int:
    """With how many seeds this run was trained up to now."""
    try:
        return int(store.read_table(folder / "status.json").get("together") or 1)
    except (RunError, TypeError, ValueError):
        return 1
