"""What every method has to beat, in closed form, from the data alone: no training, no luck.

chance      guessing blindly                    majority   naming the most frequent training class always
linear      a ridge classifier on the raw values of all modalities side by side
bayes       the best that anybody can do, where the data knows it
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.compare.comparison import RETRIEVAL, Comparison
from core.data.base import Split, Task
from core.data.loading import load_task
from core.encoders import raw_features
from core.metrics.probes import linear_probe


def baselines(comparison: Comparison) -> dict[str, float]:
    """Name -> the comparison's figure; only those that this data and figure have."""
    config = comparison.configs()[0]
    task = load_task(config.dataset, dict(config.data_settings))
    makers: dict[str, Callable[[Task], dict[str, float]]] = {"accuracy": _accuracy, RETRIEVAL: _retrieval}
    return makers[comparison.measure](task) if comparison.measure in makers else {}


def _accuracy(task: Task) -> dict[str, float]:
    frequent = torch.bincount(task.train.target).argmax()
    found = {"chance": task.chance, "majority": float((task.test.target == frequent).double().mean())}
    found["linear"] = linear_probe(_raw(task, task.train), task.train.target, _raw(task, task.test), task.test.target)
    return found | ({} if task.bayes is None else {"bayes": task.bayes})


def _retrieval(task: Task) -> dict[str, float]:
    """A blind guess finds a partner as often as there are partners among the items."""
    pair = task.test.pair
    return {"chance": float((pair.unsqueeze(1) == pair).double().mean())}


def _raw(task: Task, split: Split) -> Tensor:
    """(N, F) all modalities as they come, absent ones as zeros."""
    parts = [raw_features(m, split.inputs[n]) * split.present[n].unsqueeze(1) for n, m in task.modalities.items()]
    return torch.cat(parts, 1)
