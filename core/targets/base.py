"""What a target is: one kind of answer, from the size of a model's head to how the answer is judged, kept and shown.

    prediction   (B, C)   what a model says of B samples: C = `outputs(task)` numbers a sample
    truth        (B, ...) what the data say of them, read from a batch

An objective names its target; everything else asks the target, so that nothing compares a target's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor

from core.errors import missing_method
from core.output import Batch

if TYPE_CHECKING:
    from core.data.base import Split, Task


class Target:
    """Subclass, fill in the class attributes, write the methods, add it to the table in `core/targets/__init__.py`."""

    shelf: ClassVar[str] = "targets"  # of the catalogue
    name: ClassVar[str]  # as an objective's `target` and a data set's `targets` say it
    metric: ClassVar[str]  # the name of `score`, one of the metrics of `judge`; curves, numbers and comparisons show it
    view: ClassVar[str] = "plain"  # how the live views show it: a module of that name in dashboard/live/static/targets
    share: ClassVar[bool] = False  # whether `scores` are 1 or 0, as right or wrong
    names_classes: ClassVar[bool] = (
        False  # whether a prediction holds log-probabilities of classes of which one is true
    )

    def outputs(self, task: Task) -> int:
        """C, how many numbers a model says of a sample."""
        raise missing_method(self, "outputs(self, task)")

    def truth(self, batch: Batch) -> Tensor:
        """What the data say: (B,) classes, (B, K) labels, (B, V) values, ...; unless written, what a data set gives by the
        target's name."""
        return batch.targets[self.name]

    def losses(self, prediction: Tensor, batch: Batch) -> Tensor:
        """(B,) the usual loss of each sample's prediction (B, C), for heads that are trained beside an objective's own."""
        raise missing_method(self, "losses(self, prediction, batch)")

    def judge(self, prediction: Tensor, batch: Batch, task: Task) -> dict[str, float]:
        """Metrics of predictions (N, C) on a whole split, by name. What is undefined there (R2 where no value varies) is
        left out. Unless written, the `metric` alone."""
        return {self.metric: float(self.score(prediction, batch))}

    def score(self, prediction: Tensor, batch: Batch) -> Tensor:
        """The `metric`, 1 is perfect; a scalar left on the device, NaN for predictions that are."""
        raise missing_method(self, "score(self, prediction, batch)")

    def scores(self, prediction: Tensor, batch: Batch) -> Tensor | None:
        """(N,) the score of each sample, whose mean is `score`; None where it is none of single samples, or of too many."""
        return None

    def kept(self, prediction: Tensor, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        """What a run keeps of its predictions ({"probability": (N, C)} or {"value": (N, V)}, say), and the truth."""
        raise missing_method(self, "kept(self, prediction, batch)")

    def shown(self, prediction: Tensor) -> dict[str, Tensor]:
        """What a picture shows of predictions (N, C), by the block's name: (N, ...) whole numbers, or numbers that half
        precision may round. {} where the metric is all there is to see."""
        return {}

    def view_data(self, task: Task, split: Split) -> dict[str, Any]:
        """What its live view is given beside `shown`: plain data of a split's samples (their truth, what its columns are
        called, ...), written once per run. The entry's `titles` say those names in the page's language."""
        return {}

    def likeness(self, split: Split) -> Tensor | None:
        """(N, K) by what a picture may lay like samples beside each other; None where the data have no such target, or
        where it orders nothing."""
        return None
