"""Writes what the loop yields into a run folder, and goes on from what lies there.

Records are buffered and written every `FLUSH` seconds: the clock decides when, never what. A checkpoint is written at
epoch ends, its records before it, so a killed writer loses at most the epochs since. What waits for the disk, and what
happens when the folder goes away, stands in core/training/run_writer.py.
"""

from __future__ import annotations

import json
import math
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from torch import Tensor

from core import catalog
from core.config import RunConfig
from core.data.base import Task
from core.data.loading import task_of
from core.data.samples import provide_samples
from core.errors import FusionariumError, RunError, TrainingError
from core.runs import frames, prediction_file, read_config, store
from core.runs.contributions import gradient_shares
from core.runs.files import unreadable
from core.runs.types import RunState, Status
from core.training.evaluation import Frame
from core.training.heartbeat import HeartbeatThread
from core.training.loop import Step, train
from core.training.multi_seed import quicker, train_multi_seed
from core.training.run_writer import RunWriter
from core.training.view_set import describe

StopRequested = Callable[[str], bool]  # run -> whether nobody needs it any more
FLUSH = 0.1  # seconds between writes: more a second than an eye follows would only cost


def never(run: str) -> bool:
    """Nobody asks a run to stop but by the file `stop`."""
    return False


def record(folder: Path, stop_requested: StopRequested = never) -> Iterator[Status]:
    """Train the run of this folder to its end; yields its status each time it is written.

    Ends with status "finished", "stopped" (somebody made the file `stop`, or `stop_requested(run)`) or "failed" (the message says why; the
    traceback is in log.txt). Nothing finished is ever overwritten: a new training starts in a new folder.
    """
    with _writing(folder):
        recording = _Recording(folder, stop_requested)
        with recording.heartbeat:
            yield from recording.guarded(recording.run())


def record_multi_seed(folders: Sequence[Path], stop_requested: StopRequested = never) -> Iterator[tuple[Path, Status]]:
    """`record` for runs whose configs differ in the seed alone: (folder, its status), each run to an end of its own.

    They are trained together where that is quicker, one after another where it is not; a run that has begun goes on alone.
    A run that cannot be written, since its folder is gone or another process has it, "fails" without being touched.
    """
    fresh = [folder for folder in folders if not (folder / store.CHECKPOINT).exists()]
    stacked = fresh if len(fresh) > 1 and _quicker(fresh[0]) else []
    yield from _record_stacked(stacked, stop_requested)
    for folder in folders:
        if folder not in stacked:
            try:
                yield from ((folder, status) for status in record(folder, stop_requested))
            except (RunError, OSError) as error:
                yield folder, Status(status=RunState.FAILED, message=str(error))


def _quicker(folder: Path) -> bool:
    """False also where it cannot be told; the run itself then says why."""
    try:
        return quicker(read_config(folder))
    except (FusionariumError, OSError):
        return False


def _record_stacked(folders: Sequence[Path], stop_requested: StopRequested) -> Iterator[tuple[Path, Status]]:
    recordings: dict[int, _Recording] = {}
    with ExitStack() as stack:
        locks: dict[int, ExitStack] = {}
        for folder in folders:
            try:
                lock = stack.enter_context(ExitStack())
                lock.enter_context(_writing(folder))
                seed = read_config(folder).seed
            except (RunError, OSError) as error:
                yield folder, Status(status=RunState.FAILED, message=str(error))
            else:
                recordings[seed], locks[seed] = _Recording(folder, stop_requested), lock
                lock.enter_context(recordings[seed].heartbeat)
        for seed, told in _training_together(recordings):
            if recordings[seed].over:  # whoever wants it next need not wait for the others
                locks[seed].close()
            yield recordings[seed].folder, told


def _training_together(recordings: dict[int, _Recording]) -> Iterator[tuple[int, Status]]:
    """seed -> status, as they come. What goes wrong with all is said by each."""
    gone: set[int] = set()
    try:
        for seed, recording in recordings.items():
            yield from ((seed, told) for told in recording.guarded(recording.start(len(recordings))))
        gone |= {seed for seed, recording in recordings.items() if recording.over}
        configs = [recording.config for seed, recording in recordings.items() if seed not in gone]
        for records in train_multi_seed(configs, gone=gone) if configs else ():
            for seed, step in records.items():
                if seed not in gone:
                    yield from ((seed, told) for told in recordings[seed].guarded(recordings[seed].take(step)))
                gone |= {seed} if recordings[seed].over else set()
            if len(gone) == len(recordings):
                return
    except Exception as error:
        for seed, recording in recordings.items():
            if not recording.over:
                yield seed, recording.broken(error)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Hold the run's lock; a wish to stop from before is forgotten, one that came while the run waited is not."""
    with store.writing(folder):
        if not _stopped_while_queued(folder):
            _forget_stop(folder)
        yield


def _stopped_while_queued(folder: Path) -> bool:
    """Whether somebody made the file `stop` after the run was queued: between a worker's getting it and this moment."""
    status = folder / "status.json"
    try:
        queued = store.read_table(status).get("status") == "queued"
        return queued and os.lstat(folder / "stop").st_mtime_ns > os.lstat(status).st_mtime_ns
    except (RunError, OSError):
        return False


def _forget_stop(folder: Path) -> None:
    with suppress(OSError):  # a folder of that name is nobody's wish
        (folder / "stop").unlink(missing_ok=True)


class _Recording:
    """One writing of one run."""

    config: RunConfig
    task: Task

    def __init__(self, folder: Path, stop_requested: StopRequested = never) -> None:
        self.folder, self.stop_requested = folder, stop_requested
        self.files = RunWriter(folder)
        self.lines: list[str] = []
        self.flushed = 0.0
        self.seeds = 1  # that the clock's time is shared with
        self.status = Status(status=RunState.RUNNING, step=0, epoch=0.0, message="")
        self.heartbeat = HeartbeatThread(self.files)
        self.unsaved: Step | None = None  # the newest state that a checkpoint does not hold

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
        self.files.table("probe.json", describe(self.task, looks_at))
        resume = self.files.read_checkpoint()
        self.files.drop_after(None if resume is None else int(resume["step"]))
        if resume is not None:  # a part of it was
            self.status["together"] = max(seeds, before)
        return resume

    def take(self, step: Step | TrainingError) -> Iterator[Status]:
        """Write what the loop gave, or raise what it met; when the run is `over` nothing more is wanted."""
        if isinstance(step, TrainingError):
            raise step
        self._note(step)
        if step.result is not None:
            provide_samples(self.task, self.folder.parent)
            yield self._finish(step)
            return
        if self._due() or step.frame is not None:
            self._flush()
            self._save(step)
            yield self._write_status(step.progress, step.seconds, step)
        if self.stop_requested(self.folder.name) or store.is_own_file(self.folder / "stop"):
            yield self._stop(step)

    @property
    def over(self) -> bool:
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
            self._flush()
        if not self.files.last_status(self.status):
            self.status["unwritten"] = True
        return self.status

    def _note(self, step: Step) -> None:
        """The record, and the picture's embeddings; where a value is not finite the picture alone, for it shows where."""
        bad = [(name, value) for name, value in step.values.items() if not math.isfinite(value)]
        if step.frame is not None and step.result is None:
            self._keep_frame(step, step.frame)
        for name, value in bad:  # a test loss, say: the training's own are looked at by the loop
            raise TrainingError("not_finite", term=name, value=str(value), step=step.step)
        if step.result is not None:
            return
        line = {
            "step": step.step,
            "epoch": step.epoch,
            "seconds": round(step.seconds, 4),
            **step.values,
            **_diagnostics(step),
        }
        self.lines.append(json.dumps(line, allow_nan=False))

    def _keep_frame(self, step: Step, frame: Frame) -> None:
        test = {name: value for name, value in step.values.items() if name.startswith("test/")}
        header = {
            "kind": "embedding",
            "step": step.step,
            "epoch": step.epoch,
            "epochs": self.status["epochs"],
            "values": {name: value for name, value in test.items() if math.isfinite(value)},
            "look": frame.diagnostics,
            "roles": frame.roles,
        }
        self.files.picture("frames", step.step, frames.encode(header, frame.blocks))

    def _due(self) -> bool:
        return time.perf_counter() - self.flushed >= FLUSH

    def _flush(self) -> None:
        self.flushed = time.perf_counter()
        if not self.lines:
            return
        lines, self.lines = self.lines, []
        self.files.records(lines)

    def _save(self, step: Step, always: bool = False) -> None:
        if step.state is None:
            return
        self.unsaved = step
        if always or self.files.checkpoint_due():
            self._flush()
            self.files.checkpoint(step.state())
            self.unsaved = None

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
        self._flush()
        assert step.result is not None
        own = {"seconds": round(step.seconds, 3), "together": self.status["together"]}
        if step.cpu_seconds is not None:
            own["cpu_seconds"] = round(step.cpu_seconds, 3)
        self.files.check()
        if self.unsaved is not None:  # so that a finished run's model can be asked
            self._save(self.unsaved, always=True)
        kept = prediction_file.write(self.folder, step.predictions)
        shares = gradient_shares(self.folder)
        result = {"metrics": step.values, **own, **step.result, "gradient_share": shares, "predictions": kept}
        self.files.result(result)
        self.status["status"] = RunState.FINISHED
        return self._write_status(1.0, step.seconds, step, last=True)

    def _stop(self, step: Step) -> Status:
        self._flush()
        self._save(step, always=True)
        _forget_stop(self.folder)
        self.status["status"] = RunState.STOPPED
        return self._write_status(step.progress, step.seconds, step, last=True)


def _diagnostics(step: Step) -> dict[str, float]:
    """What a method decided, as figures with a curve: weights, gates, votes. Tables stay in the picture."""
    diagnostics = step.frame.diagnostics if step.frame is not None else {}
    return {
        f"look/{name}/{label}": round(value, 5)
        for name, one in diagnostics.items()
        if len(one["axes"]) == 1
        for label, value in zip(one["axes"][0], one["mean"], strict=True)
    }


def _trained_together(folder: Path) -> int:
    """With how many seeds this run was trained up to now."""
    try:
        return int(store.read_table(folder / "status.json").get("together") or 1)
    except (RunError, TypeError, ValueError):
        return 1
