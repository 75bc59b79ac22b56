"""A control: one modality is shuffled over the samples, so that it carries no information about the label.

It keeps its own statistics and the model keeps its size, but what it says of the sample is gone. What a method still
gains with it over the other modalities alone was never information. What data know of themselves (the best possible
accuracy, the information in bits) is then that of the other modalities.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from core.data.base import Split, Task
from core.seeding import generator


def permuted(task: Task, modality: str, seed: int) -> Task:
    """The task with `modality` shuffled among the samples of each split; itself for "none"."""
    if modality == "none":
        return task
    return replace(
        task,
        **(task.shuffled(modality) if task.shuffled else {}),
        train=_dealt(task.train, modality, seed, "train"),
        test=_dealt(task.test, modality, seed, "test"),
        hard_negatives={
            name: negative for name, negative in task.hard_negatives.items() if negative.modality != modality
        },  # hard negatives of another's input
    )


def _dealt(split: Split, modality: str, seed: int, place: str) -> Split:
    order = torch.randperm(len(split.target), generator=generator(seed, "permute", place, modality))
    return replace(
        split,
        inputs={**split.inputs, modality: split.inputs[modality][order]},
        present={**split.present, modality: split.present[modality][order]},
    )
