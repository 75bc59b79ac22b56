"""The view set as it would be with a modality missing or noisier: for the tables of a finished run and for questions to its model.

Both make the same alteration of the same samples, so at a severity of the table a question has the table's answer.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from core.data.base import Task
from core.output import Batch


def without(batch: Batch, task: Task, modality: str, share: float) -> Batch:
    """The batch (B) with `modality` absent in `share` (0 to 1) of its samples: the same ones in every run and for every
    modality, nested as the share grows. `task` is not read; all alterations take the same arguments."""
    order = torch.rand(len(batch), generator=torch.Generator().manual_seed(0)).to(batch.target.device)
    present = batch.present[modality] & (order >= share)
    kept = present.view(-1, *[1] * (batch.inputs[modality].dim() - 1))
    inputs = {**batch.inputs, modality: batch.inputs[modality] * kept}
    return replace(batch, inputs=inputs, present={**batch.present, modality: present})


def noisier(batch: Batch, task: Task, modality: str, severity: float) -> Batch:
    """The batch (B), the first samples of the test split, with more noise on one modality: `severity` (0 to 1) of the
    data set's own."""
    if not severity:
        return batch
    noisy = task.corrupt(modality, severity, 0)[: len(batch)].to(batch.target.device)
    return replace(batch, inputs={**batch.inputs, modality: noisy})
