"""Classification: the cross-entropy of the prediction.

    q_ic = (1 - s) [c = y_i] + s / C                 (B, C)    smoothing s, 0 unless told otherwise
    L    = - mean_i sum_c q_ic log p_ic                        with s = 0 that is - mean_i log p(y_i)

For late methods one term an expert, over the samples that it learns from: nothing flows through the combination.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.base import Objective
from core.output import Batch, Output
from core.targets.classes import ClassTarget


class Classification(Objective):
    """Cross-entropy of a prediction (B, C) against the class (B,), with label smoothing; experts of late methods each have their own."""

    name = "classification"
    title = Localized("Classification", "分类")
    idea = Localized("Name the class: cross-entropy.", "说出类别：交叉熵。")
    formula = (
        r"\mathcal{L} = -\tfrac{1}{B} \sum_{ic} q_{ic} \log p_{ic},\quad "
        r"q_{ic} = (1 - s)\,[c = y_i] + \tfrac{s}{C}"
    )
    hyperparameters = (
        Parameter("smoothing", "float", 0.0, 0.0, 0.5, 0.01, title=Localized("label smoothing", "标签平滑")),
    )
    family = "supervised"
    target = ClassTarget.name
    reads = ("prediction",)  # of late methods what its experts say
    needs_labels = True

    def __init__(self, smoothing: float = 0.0) -> None:
        super().__init__()
        self.smoothing = smoothing

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        if not output.experts:
            assert output.prediction is not None
            return {self.name: self._loss(output.prediction, batch.target).mean()}
        losses = {}
        for name, logits in output.experts.items():
            mask = output.taught[name]
            loss = self._loss(logits, batch.target) * mask
            losses[f"{self.name}/{name}"] = loss.sum() / mask.sum().clamp_min(1)
        return losses

    def _loss(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(logits, target, reduction="none", label_smoothing=self.smoothing)
