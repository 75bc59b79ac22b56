"""What every method has to beat, in closed form, from the data alone: no training, no luck.

    chance      guessing blindly
    majority    naming the most frequent training class always
    linear      a ridge classifier on the raw values of all modalities side by side
    cca         linear canonical correlation of the raw values of two modalities, then the nearest by cosine
    bayes       the best that anybody can do, where the data knows it

The single modalities, which need a training, are runs of their own (`Comparison.references`).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from core.compare.comparison import RETRIEVAL, Comparison
from core.data.base import Split, Task
from core.data.loading import load_task
from core.encoders import raw_features
from core.metrics.cca import cca
from core.metrics.embedding import blind_recall, compared
from core.metrics.probes import linear_probe
from core.metrics.retrieval import ranks_both, recall_at

COMPONENTS = 24  # canonical directions kept, at most; this and the ridge were chosen once, on `captions`
RIDGE = 0.1  # of the mean variance: raw pixels and word counts are far from full rank


def baselines(comparison: Comparison) -> dict[str, float]:
    """Name -> the comparison's figure; only those that this data and figure have."""
    config = comparison.configs()[0]
    task = load_task(config.choice.dataset, dict(config.data_settings))
    makers: dict[str, Callable[[Task], dict[str, float]]] = {"accuracy": _accuracy, RETRIEVAL: _retrieval}
    return makers[comparison.metric](task) if comparison.metric in makers else {}


def _accuracy(task: Task) -> dict[str, float]:
    frequent = torch.bincount(task.train.target).argmax()
    found = {"chance": task.chance, "majority": float((task.test.target == frequent).double().mean())}
    found["linear"] = linear_probe(_raw(task, task.train), task.train.target, _raw(task, task.test), task.test.target)
    return found | ({} if task.bayes is None else {"bayes": task.bayes})


def _retrieval(task: Task) -> dict[str, float]:
    """Over the samples that the methods' figure is made on: where both modalities are present, the first ones."""
    blind = blind_recall(task.test.pair, task.test.present)
    if blind is None:
        return {}
    return {"chance": blind} | ({"cca": _correlated(task)} if len(task.modalities) == 2 else {})


def _correlated(task: Task) -> float:
    """R@1 of linear CCA, in both directions."""
    a, b = task.modalities
    learnt = task.train.rows((task.train.present[a] & task.train.present[b]).nonzero().flatten())
    asked = task.test.rows(compared(task.test.present, a, b).nonzero().flatten())
    fitted = cca(_raw_of(task, learnt, a), _raw_of(task, learnt, b), COMPONENTS, RIDGE)
    weight = fitted.correlations  # a direction counts as much as the two sides agree on it
    x = fitted.project_x(_raw_of(task, asked, a)) * weight
    y = fitted.project_y(_raw_of(task, asked, b)) * weight
    partner = asked.pair.unsqueeze(1) == asked.pair
    scores = F.normalize(x, dim=1) @ F.normalize(y, dim=1).T
    return recall_at(ranks_both(scores, partner), 1)


def _raw(task: Task, split: Split) -> Tensor:
    """(N, F) all modalities as they come, absent ones as zeros."""
    return torch.cat([_raw_of(task, split, name) for name in task.modalities], 1)


def _raw_of(task: Task, split: Split, name: str) -> Tensor:
    return raw_features(task.modalities[name], split.inputs[name]) * split.present[name].unsqueeze(1)
