"""Numbers: (B, V), judged by the variance that they explain, R2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F

from core.metrics.regression import mae, r2, r2_of, r2_scores, varying
from core.output import Batch
from core.targets.base import Target

if TYPE_CHECKING:
    from core.data.base import Split, Task


class ValueTarget(Target):
    """Truth (B, V) float."""

    name = "value"
    metric = "r2"
    view = "scale"

    def outputs(self, task: Task) -> int:
        return len(task.names[self.name])

    def losses(self, prediction: Tensor, batch: Batch) -> Tensor:
        return F.mse_loss(prediction, self.truth(batch), reduction="none").mean(1)

    def judge(self, prediction: Tensor, batch: Batch, task: Task) -> dict[str, float]:
        truth = self.truth(batch)
        explained = {self.metric: float(r2(prediction, truth))} if varying(truth) else {}  # else nothing to explain
        return {"mae": float(mae(prediction, truth)), **explained}

    def score(self, prediction: Tensor, batch: Batch) -> Tensor:
        return r2_of(prediction, self.truth(batch))

    def scores(self, prediction: Tensor, batch: Batch) -> Tensor:
        return r2_scores(prediction, self.truth(batch))

    def kept(self, prediction: Tensor, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        return {"value": prediction.float()}, self.truth(batch).float()

    def shown(self, prediction: Tensor) -> dict[str, Tensor]:
        return {"value": prediction}

    def view_data(self, task: Task, split: Split) -> dict[str, Any]:
        """`truth`: rows of V numbers; of each column its unit, "" for none, and the ends of its colour scale."""
        rows = split.targets[self.name].double().round(decimals=4)
        units = task.units.get(self.name, ("",) * rows.shape[1])
        ends = torch.stack([rows.amin(0), rows.amax(0)], 1).tolist()
        return {"names": list(task.names[self.name]), "truth": rows.tolist(), "units": list(units), "range": ends}
