"""Writes what the loop yields into a run folder, and goes on from what lies there.

Records are buffered and written every `FLUSH` seconds: the clock decides when, never what. A checkpoint is written at
epoch ends, its records before it, so a killed writer loses at most the epochs since.
"""

from __future__ import annotations

import json
import math
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save
from torch import Tensor

from core import catalog, frames, store
from core.data.loading import load_task
from core.errors import FusionariumError, RunError, TrainingError
from core.probe import describe
from core.runs import read_config
from core.samples import provide_samples
from core.train import Step, train

FLUSH = 0.1  # seconds between writes; a watcher looks every 50 ms
CHECKPOINT_EVERY = 0.5  # seconds at least between checkpoints


def record(folder: Path) -> Iterator[dict[str, Any]]:
    """Train the run of this folder to its end; yields its status each time it is written.

    Ends with status "finished", "stopped" (somebody made the file `stop`) or "failed" (the message says why; the
    traceback is in log.txt). Nothing finished is ever overwritten: a new training starts in a new folder.
    """
    with store.writing(folder):
        (folder / "stop").unlink(missing_ok=True)
        recording = _Recording(folder)
        try:
            yield from recording.run()
        except FusionariumError as error:
            yield recording.fail(error)
        except Exception as error:
            with suppress(OSError):
                (folder / "log.txt").write_text(traceback.format_exc(), encoding="utf-8")
            yield recording.fail(store.full_disk(folder, error) or error)


class _Recording:
    """One writing of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.flushed = self.saved = 0.0
        self.status: dict[str, Any] = {"status": "running", "step": 0, "epoch": 0.0, "message": ""}

    def run(self) -> Iterator[dict[str, Any]]:
        config = read_config(self.folder)
        self.status |= {"epochs": config.epochs, "budget": config.seconds}
        yield self._write_status(0.0, 0.0)
        task = load_task(config.dataset, dict(config.data_settings))
        looks_at = catalog.senses(catalog.fusion(config.fusion), config.fusion_settings, tuple(task.modalities))
        store.write_json(self.folder / "probe.json", describe(task, looks_at))
        resume = _checkpoint(self.folder)
        _drop_after(self.folder, None if resume is None else int(resume["step"]))
        last: Step | None = None
        for step in train(config, resume):
            last = step
            self._note(step)
            if step.result is not None:
                provide_samples(task, self.folder.parent)
                yield self._finish(step)
                return
            if self._due() or step.frame is not None:
                self._flush()
                self._save(step)
                yield self._write_status(step.progress, step.seconds, step)
            if (self.folder / "stop").exists():
                break
        if last is not None:
            yield self._stop(last)

    def fail(self, error: Exception) -> dict[str, Any]:
        """The end of a run that went wrong; what it recorded stays. A full disk only stops it: it can go on."""
        people = isinstance(error, FusionariumError)
        key, values = (error.key, error.values) if isinstance(error, FusionariumError) else (None, {})
        message = str(error) if people else f"{type(error).__name__}: {error}"
        state = "stopped" if key == "disk_full" else "failed"
        self.status |= {"status": state, "message": message, "seconds_left": None}
        self.status |= {"error": key, "values": {name: str(value) for name, value in values.items()}}
        try:
            self._flush()
            store.write_json(self.folder / "status.json", self.status)
        except (RunError, OSError):  # a full disk: the free lock tells that this run is not running
            self.status["unwritten"] = True
        return self.status

    def _note(self, step: Step) -> None:
        for name, value in step.values.items():
            if not math.isfinite(value):  # a test loss, say: the training's own are looked at by the loop
                raise TrainingError("not_finite", term=name, value=str(value), step=step.step)
        if step.result is not None:
            return
        line = {
            "step": step.step,
            "epoch": step.epoch,
            "seconds": round(step.seconds, 4),
            **step.values,
            **_looks(step),
        }
        self.lines.append(json.dumps(line, allow_nan=False))
        if step.frame is None:
            return
        blocks = {"z": step.frame.z}
        if step.frame.prediction is not None:
            blocks["prediction"] = step.frame.prediction
        if step.frame.uncertainty is not None:
            blocks["uncertainty"] = step.frame.uncertainty
        header = {
            "kind": "embedding",
            "step": step.step,
            "epoch": step.epoch,
            "epochs": self.status["epochs"],
            "values": {name: value for name, value in step.values.items() if name.startswith("test/")},
            "look": step.frame.look,
        }
        store.write_atomic(store.frame_path(self.folder, "frames", step.step), frames.encode(header, blocks))

    def _due(self) -> bool:
        return time.perf_counter() - self.flushed >= FLUSH

    def _flush(self) -> None:
        self.flushed = time.perf_counter()
        if not self.lines:
            return
        text = "".join(f"{line}\n" for line in self.lines)
        self.lines.clear()
        path = self.folder / "metrics.jsonl"
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            store.raise_for_disk(path, error)

    def _save(self, step: Step, always: bool = False) -> None:
        due = always or time.perf_counter() - self.saved >= CHECKPOINT_EVERY
        if step.state is None or not due:
            return
        self._flush()
        store.write_atomic(self.folder / "checkpoint.safetensors", save(step.state()))
        self.saved = time.perf_counter()

    def _write_status(self, progress: float, seconds: float, step: Step | None = None) -> dict[str, Any]:
        left = seconds * (1 - progress) / progress if progress > 0 else None
        self.status |= {
            "step": step.step if step else 0,
            "epoch": step.epoch if step else 0.0,
            "seconds": round(seconds, 3),
            "progress": round(progress, 4),
            "seconds_left": None if left is None else round(left, 2),
        }
        store.write_json(self.folder / "status.json", self.status)
        return dict(self.status)

    def _finish(self, step: Step) -> dict[str, Any]:
        self._flush()
        assert step.result is not None
        result = {"metrics": step.values, "seconds": round(step.seconds, 3), **step.result}
        store.write_json(self.folder / "result.json", result)
        self.status |= {"status": "finished"}
        return self._write_status(1.0, step.seconds, step)

    def _stop(self, step: Step) -> dict[str, Any]:
        self._flush()
        self._save(step, always=True)
        (self.folder / "stop").unlink(missing_ok=True)
        self.status |= {"status": "stopped"}
        return self._write_status(step.progress, step.seconds, step)


def _looks(step: Step) -> dict[str, float]:
    """What a method decided, as figures with a curve: weights, gates, votes. Tables stay in the picture."""
    looks = step.frame.look if step.frame is not None else {}
    return {
        f"look/{name}/{label}": round(value, 5)
        for name, look in looks.items()
        if len(look["axes"]) == 1  # type: ignore[arg-type]
        for label, value in zip(look["axes"][0], look["mean"], strict=True)  # type: ignore[index,call-overload]
    }


def _checkpoint(folder: Path) -> dict[str, Tensor] | None:
    """The state to go on from; None where there is none, or one of an older engine that did not count its steps."""
    path = folder / "checkpoint.safetensors"
    if not path.exists():
        return None
    try:
        state = load_file(path)
    except Exception as error:  # safetensors raises its own kinds; any of them means: this file is no checkpoint
        raise RunError("broken_run", name=folder.name, reason=f"{path.name}: {error}") from error
    return state if "step" in state else None


def _drop_after(folder: Path, step: int | None) -> None:
    """Forget records and pictures after the checkpoint (all of them without one): they will be made again."""
    kept = [r for r in store.read_records(folder) if step is not None and r["step"] <= step]
    text = "".join(json.dumps(record) + "\n" for record in kept)
    store.write_atomic(folder / "metrics.jsonl", text.encode())
    for kind in ("frames", "projection"):
        for number in store.steps(folder, kind):
            if step is None or number > step:
                store.frame_path(folder, kind, number).unlink(missing_ok=True)
