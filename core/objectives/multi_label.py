"""Multi-label: for each label on its own, say whether the sample has it.

    p_ik = sigmoid(l_ik)                                                        (B, K)
    L    = - mean_ik [ w y_ik log p_ik + (1 - y_ik) log(1 - p_ik) ]

A sample may have several labels or none, so nothing ties the K answers together. Most labels are rare; w > 1 makes
missing one dearer than inventing one. Judged by mean average precision, which knows no threshold.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from core.catalog.parameters import Parameter
from core.data.base import Task
from core.metrics.average_precision import mean_average_precision, mean_average_precision_of
from core.metrics.jackknife import jackknife
from core.objectives.base import Objective
from core.output import Batch, Output


class MultiLabel(Objective):
    """Binary cross-entropy of each of K labels (B, K); judged by mean average precision."""

    name = "multi_label"
    title = "Several labels"
    idea = "For each label on its own, say whether the sample has it."
    formula = (
        r"\mathcal{L} = -\tfrac{1}{BK} \sum_{ik} \big[w\, y_{ik} \log p_{ik} + (1 - y_{ik}) \log (1 - p_{ik})\big]"
    )
    hyperparameters = (Parameter("positive_weight", "float", 1.0, 0.1, 100.0, scale="log"),)
    family = "supervised"
    target = "labels"
    measure = "map"

    def __init__(self, positive_weight: float = 1.0) -> None:
        super().__init__()
        self.positive_weight = positive_weight

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        assert output.prediction is not None
        truth = batch.targets[self.target].to(output.prediction.dtype)
        weight = truth.new_tensor(self.positive_weight)
        return {self.name: F.binary_cross_entropy_with_logits(output.prediction, truth, pos_weight=weight)}

    def judge(self, prediction: Tensor, batch: Batch, task: Task) -> dict[str, float]:
        labels = batch.targets[self.target]
        if not labels.any():  # nothing to be found, so there is no such figure
            return {}
        return {"map": float(mean_average_precision(prediction, labels))}

    def score(self, prediction: Tensor, batch: Batch) -> Tensor:
        return mean_average_precision_of(prediction, batch.targets[self.target])

    def scores(self, prediction: Tensor, batch: Batch) -> Tensor | None:
        return jackknife(mean_average_precision_of, prediction, batch.targets[self.target])

    def kept(self, prediction: Tensor, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        return {"probability": prediction.sigmoid().half()}, batch.targets[self.target].byte()
