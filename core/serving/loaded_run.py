"""Models of runs, loaded from their checkpoints; those asked last are kept."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from core.errors import RunError
from core.output import Batch
from core.runs import read_config, store
from core.runs.files import unreadable
from core.training import evaluation
from core.training.run_writer import RunWriter
from core.training.state import TrainState

KEPT = 6  # models; the data that they share are kept by core/data/loading.py
Version = tuple[int, int]  # time and bytes of a checkpoint


@dataclass(frozen=True)
class LoadedRun:
    """A run's model and data, as they are after `step` updates."""

    name: str
    state: TrainState
    step: int

    @cached_property
    def view_set(self) -> Batch:
        """The samples that pictures and tables are made of, as the data have them."""
        return evaluation.first(self.state.task.test)

    @cached_property
    def prediction(self) -> Tensor:
        """(N, C) what the model says of them; of one that predicts."""
        prediction = evaluation.forward(self.state, self.view_set).prediction
        assert prediction is not None
        return prediction


class LoadedRuns:
    """The models asked last, by folder. A checkpoint that changed since is loaded again."""

    def __init__(self, most: int = KEPT) -> None:
        self.most = most
        self._kept: OrderedDict[Path, tuple[Version, LoadedRun]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, folder: Path) -> LoadedRun:
        """RunError with one sentence where there is no model that can be loaded."""
        version = _version(folder)
        known = self._kept.pop(folder, None)
        if known is None or known[0] != version:
            known = version, load(folder)
        self._kept[folder] = known
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)
        return known[1]


@torch.no_grad()
def load(folder: Path) -> LoadedRun:
    """Build the run's model and put its checkpoint into it. RunError where it does not fit, or the folder cannot be read."""
    tensors = RunWriter(folder).read_checkpoint()
    if tensors is None:
        raise RunError("no_model", name=folder.name)
    state = TrainState.build(read_config(folder))
    try:
        state.load_state_dict(tensors)
    except (RuntimeError, KeyError, TypeError, ValueError) as error:
        raise unreadable(folder / store.CHECKPOINT, "it does not fit this model") from error
    return LoadedRun(folder.name, state, int(tensors["step"]))


def _version(folder: Path) -> Version:
    try:
        found = os.lstat(folder / store.CHECKPOINT)
    except OSError:
        raise RunError("no_model", name=folder.name) from None
    return found.st_mtime_ns, found.st_size
