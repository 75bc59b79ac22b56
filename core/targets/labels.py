"""Several labels, each present or absent: logits (B, K), judged by mean average precision, which knows no threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.nn import functional as F

from core.metrics.average_precision import mean_average_precision, mean_average_precision_of
from core.metrics.jackknife import jackknife
from core.output import Batch
from core.targets.base import Target

if TYPE_CHECKING:
    from core.data.base import Split, Task


class LabelsTarget(Target):
    """Truth (B, K) 0/1, of which a sample may have several or none."""

    name = "labels"
    metric = "map"
    view = "labels"

    def outputs(self, task: Task) -> int:
        return len(task.names[self.name])

    def losses(self, prediction: Tensor, batch: Batch) -> Tensor:
        truth = self.truth(batch).to(prediction.dtype)
        return F.binary_cross_entropy_with_logits(prediction, truth, reduction="none").mean(1)

    def judge(self, prediction: Tensor, batch: Batch, task: Task) -> dict[str, float]:
        labels = self.truth(batch)
        if not labels.any():  # no sample has one, so there is no such metric
            return {}
        return {self.metric: float(mean_average_precision(prediction, labels))}

    def score(self, prediction: Tensor, batch: Batch) -> Tensor:
        return mean_average_precision_of(prediction, self.truth(batch))

    def scores(self, prediction: Tensor, batch: Batch) -> Tensor | None:
        return jackknife(mean_average_precision_of, prediction, self.truth(batch))

    def kept(self, prediction: Tensor, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        return {"probability": prediction.sigmoid().half()}, self.truth(batch).byte()

    def shown(self, prediction: Tensor) -> dict[str, Tensor]:
        return {"label_chance": (prediction.sigmoid().nan_to_num(0.0) * 255).round().long()}  # (N, K) of 255

    def view_data(self, task: Task, split: Split) -> dict[str, Any]:
        """`truth`: the positions of the labels that each sample has."""
        rows = split.targets[self.name]
        return {"names": list(task.names[self.name]), "truth": [row.nonzero().flatten().tolist() for row in rows]}

    def likeness(self, split: Split) -> Tensor | None:
        return split.targets.get(self.name)
