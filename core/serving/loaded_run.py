"""Models of runs, loaded from their checkpoints; those asked last are kept."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import torch

from core.errors import RunError
from core.runs import read_config, store
from core.runs.files import unreadable
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
