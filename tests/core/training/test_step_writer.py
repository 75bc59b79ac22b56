"""What a step leaves in the folder: records in time, and a picture even of what is not finite."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import TrainingError
from core.runs import frames, store
from core.training.evaluation import Frame
from core.training.loop import Step
from core.training.run_writer import RunWriter
from core.training.step_writer import FLUSH, StepWriter


def test_what_is_not_finite_ends_the_run_after_its_picture(tmp_path: Path) -> None:
    """The last picture shows which points are lost; the record of it, which is JSON, is not written."""
    z = np.ones((2, 5, 4), np.float32)
    z[0, 2, 1] = np.nan
    writer = StepWriter(RunWriter(tmp_path))
    step = Step(
        7, 1.0, 0.1, 0.3, {"test/loss": float("inf"), "test/accuracy": 0.5}, Frame({"z": z}, {"z": "embedding"}, {})
    )
    with pytest.raises(TrainingError, match="test/loss became inf at step 7"):
        writer.write(step, epochs=3)
    header, blocks = frames.decode(store.frame_path(tmp_path, "frames", 7).read_bytes())
    assert header["values"] == {"test/accuracy": 0.5} and not writer.lines
    assert np.isnan(blocks["z"]).sum() == 1


def test_records_wait_for_the_flush_and_come_before_the_checkpoint(tmp_path: Path) -> None:
    writer = StepWriter(RunWriter(tmp_path))
    step = Step(3, 1.0, 0.1, 0.5, {"train/loss": 0.25}, state=lambda: {"step": torch.tensor(3)})
    assert writer.due(), "nothing was written yet"
    writer.flush()
    writer.write(step, epochs=2)
    assert not writer.due() and not (tmp_path / "metrics.jsonl").exists() and FLUSH > 0
    writer.checkpoint(step)
    assert [record["train/loss"] for record in store.read_records(tmp_path)] == [0.25] and not writer.lines
