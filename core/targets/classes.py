"""One class of several: log-probabilities (B, C) up to a constant per row, judged by accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.nn import functional as F

from core.metrics.accuracy import accuracies, hits_of
from core.output import Batch
from core.targets.base import Target

if TYPE_CHECKING:
    from core.data.base import Split, Task


class ClassTarget(Target):
    """Truth (B,) int64. Each class has a colour; the card of a sample says which class was named, and whether it is right."""

    name = "class"
    metric = "accuracy"
    view = "classes"
    share = True
    names_classes = True

    def outputs(self, task: Task) -> int:
        return len(task.classes)

    def truth(self, batch: Batch) -> Tensor:
        return batch.target

    def losses(self, prediction: Tensor, batch: Batch) -> Tensor:
        return F.cross_entropy(prediction, batch.target, reduction="none")

    def judge(self, prediction: Tensor, batch: Batch, task: Task) -> dict[str, float]:
        return accuracies(prediction, batch.target, task.parts)

    def score(self, prediction: Tensor, batch: Batch) -> Tensor:
        return hits_of(prediction, batch.target).mean()

    def scores(self, prediction: Tensor, batch: Batch) -> Tensor:
        return hits_of(prediction, batch.target)

    def kept(self, prediction: Tensor, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        return {"probability": prediction.softmax(1).half()}, batch.target.short()

    def shown(self, prediction: Tensor) -> dict[str, Tensor]:
        return {"prediction": prediction.argmax(1)}  # (N,) the class each prediction names

    def view_data(self, task: Task, split: Split) -> dict[str, Any]:
        return {"names": list(task.classes), "truth": split.target.tolist()}
