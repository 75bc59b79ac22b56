"""What the advisor reads of a data set: the raw values of the training split, absent modalities as NaN."""

from __future__ import annotations

import numpy as np
import torch

from core.data.base import Task
from core.encoders import raw_features


def readings(task: Task) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """modality -> (N, F) raw values, labels (N,)."""
    task_data = {}
    for name, modality in task.modalities.items():
        raw = raw_features(modality, task.train.inputs[name]).double()
        absent = ~task.train.present[name].unsqueeze(1)
        task_data[name] = raw.masked_fill(absent, torch.nan).numpy()
    return task_data, task.train.target.numpy()
