"""The predictions of a trained model for each test sample, from the final evaluation: see `core/runs/prediction_file.py`.

R@1 of sample i is the share of its queries (each direction between each two modalities) whose nearest item is a partner; it
is asked of the samples that the metric is made on, and weighted so that the mean is the run's own figure.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from core.metrics.check import unit
from core.metrics.embedding import LARGEST
from core.metrics.retrieval import ranks_both
from core.output import Batch, Output
from core.runs.prediction_file import Predictions
from core.training.state import TrainState

RETRIEVAL = "recall@1"


def predictions(state: TrainState, output: Output, batch: Batch) -> Predictions | None:
    """Of the whole test split; None where nothing can be said of single samples."""
    if output.prediction is None or not state.objective.predicts:
        return _retrieved(state, output, batch)
    target = state.objective.target
    score = target.scores(output.prediction, batch)
    if score is None:
        return None
    whole = target.share and bool(((score == 0) | (score == 1)).all())  # classes that tie share a hit
    blocks = {"score": _bits(score) if whole else score.float().cpu().numpy()}
    answers, truth = target.kept(output.prediction, batch)
    blocks |= {name: block.cpu().numpy() for name, block in (*answers.items(), ("target", truth))}
    return Predictions(_header(state, target.metric, target.share, len(score)), blocks)


def _retrieved(state: TrainState, output: Output, batch: Batch) -> Predictions | None:
    names = list(output.z)
    count = min(len(batch), LARGEST)
    rows, ranks = [], []
    for a, b in combinations(names, 2):
        both = (batch.present[a] & batch.present[b])[:count]
        if int(both.sum()) < 2:
            continue
        x, y = (unit(RETRIEVAL, output.z[name][:count][both].float()) for name in (a, b))
        pair = batch.pair[:count][both]
        rank = ranks_both(x @ y.T, pair.unsqueeze(1) == pair)
        rows.append(_spread(rank.hits(1).view(2, -1).mean(0) * (count / len(x)), both))
        ranks += [_spread(one, both) for one in rank.expected.view(2, -1)]
    if not rows or count < 2:
        return None
    score = torch.stack(rows).mean(0)
    blocks = {"score": score.float().cpu().numpy(), "rank": torch.stack(ranks).float().cpu().numpy()}
    return Predictions(_header(state, RETRIEVAL, bool(score.max() <= 1), count), blocks)


def _spread(values: Tensor, mask: Tensor) -> Tensor:
    """The values of the samples that are here, 0 at the others."""
    return torch.zeros(len(mask), dtype=values.dtype, device=values.device).masked_scatter(mask, values)


def _bits(score: Tensor) -> np.ndarray:
    return np.asarray(score.to(torch.uint8).cpu().numpy())


def _header(state: TrainState, metric: str, share: bool, samples: int) -> dict[str, object]:
    return {
        "kind": "predictions",
        "measure": metric,
        "share": share,
        "test": state.task.samples,
        "samples": samples,
    }
