"""Multi-label: a binary decision per label, each on its own.

    p_ik = sigmoid(l_ik)                                                        (B, K)
    L    = - mean_ik [ w y_ik log p_ik + (1 - y_ik) log(1 - p_ik) ]

A sample may have several labels or none, so nothing ties the K answers together. Most labels are rare; w > 1 makes
missing one dearer than inventing one. Judged by mean average precision, which knows no threshold.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.base import Objective
from core.output import Batch, Output
from core.targets.labels import LabelsTarget


class MultiLabel(Objective):
    """Binary cross-entropy of each of K labels (B, K); judged by mean average precision."""

    name = "multi_label"
    title = Localized("Several labels", "多标签")
    idea = Localized("For each label on its own, say whether the sample has it.", "逐个标签判断样本是否具有它。")
    formula = (
        r"\mathcal{L} = -\tfrac{1}{BK} \sum_{ik} \big[w\, y_{ik} \log p_{ik} + (1 - y_{ik}) \log (1 - p_{ik})\big]"
    )
    hyperparameters = (
        Parameter(
            "positive_weight",
            "float",
            1.0,
            0.1,
            100.0,
            scale="log",
            title=Localized("weight of a label that is there", "正标签权重"),
        ),
    )
    family = "supervised"
    target = LabelsTarget.name
    reads = ("prediction",)

    def __init__(self, positive_weight: float = 1.0) -> None:
        super().__init__()
        self.positive_weight = positive_weight

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        assert output.prediction is not None
        truth = batch.targets[self.target].to(output.prediction.dtype)
        weight = truth.new_tensor(self.positive_weight)
        return {self.name: F.binary_cross_entropy_with_logits(output.prediction, truth, pos_weight=weight)}
