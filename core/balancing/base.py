"""A strategy decides how modalities share one training: which are dropped, helped, slowed down or protected.

    data      -> hold_out             what is left to train on                   (Gradient Blending's own holdout)
    batch     -> transform_batch      what the model gets                        (modality dropout)
    output    -> losses               more named losses                          (unimodal auxiliary losses)
    losses    -> total                the number that is minimised               (Gradient Blending)
    total     -> backward             gradients                                  (PCGrad)
    gradients -> modulate_gradients   gradients, before they are clipped         (OGM-GE)
    epoch     -> after_epoch          whatever is measured anew

A module, since a strategy may learn or remember something: its parameters are optimised with the model's, its buffers lie
in the checkpoint. Randomness comes from torch's global stream on the CPU, which the loop sets by seed and epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from torch import Tensor, nn

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.data.base import Task
from core.fusion.base import Fusion, ModelSpec
from core.output import Batch, Output

if TYPE_CHECKING:
    from core.training.state import TrainState


STEPS = (
    "hold_out",
    "transform_batch",
    "losses",
    "total",
    "backward",
    "modulate_gradients",
    "after_epoch",
    "log_values",
)


class Strategy(nn.Module):
    """Subclass and write the steps that differ; every step left alone is plain training."""

    shelf: ClassVar[str] = "strategies"  # of the catalogue
    name: ClassVar[str]
    title: ClassVar[Localized | str] = ""  # in English alone, or in both languages
    idea: ClassVar[Localized | str] = ""  # one sentence
    formula: ClassVar[str] = ""
    paper: ClassVar[str] = ""
    hyperparameters: ClassVar[tuple[Parameter, ...]] = ()
    stages: ClassVar[tuple[str, ...]] = ("single", "input", "feature", "decision")  # of the fusions it can work on
    joint: ClassVar[bool] = False  # needs one loss that several modalities share
    needs_target: ClassVar[bool] = False  # works only on objectives that predict
    targets: ClassVar[tuple[str, ...]] = ()  # of the objectives it can work with; () for any
    fewest_terms: ClassVar[int] = 1  # of the objective, where it weighs losses against each other
    update_rule: ClassVar[str] = ""  # of `core/training/learners.py`, where it needs another than the ordinary step,
    sampler: ClassVar[str] = ""  # or other batches than a permutation's

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec

    @classmethod
    def changes_steps(cls) -> bool:
        """Whether it overrides anything of what a strategy may do."""
        return any(getattr(cls, name) is not getattr(Strategy, name) for name in STEPS)

    def hold_out(self, task: Task) -> Task:
        """Take samples out of the training split for its own use; the rest is trained on. Once, before work starts."""
        return task

    def transform_batch(self, batch: Batch) -> Batch:
        """What the model gets of a training batch."""
        return batch

    def losses(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        """Losses of its own, named "<strategy>/<what>", each a scalar."""
        return {}

    def total(self, objective: Tensor, losses: dict[str, Tensor]) -> Tensor:
        """The number that is minimised, from the objective's total and its own `losses` as they were given."""
        for value in losses.values():
            objective = objective + value
        return objective

    def backward(self, total: Tensor, losses: dict[str, Tensor], model: Fusion) -> None:
        """Leave gradients in the parameters. `losses` are those of objective and strategy by name, weighted; they add up to `total`."""
        total.backward()

    def modulate_gradients(self, model: Fusion, output: Output, batch: Batch) -> None:
        """Change the gradients that `backward` left, before they are clipped."""

    def after_epoch(self, state: TrainState) -> None:
        """Measure what the next epoch needs; also before the first, when `trained_epochs` is 0. Draw nothing at random."""

    def log_values(self) -> dict[str, Tensor]:
        """Scalars worth a curve, by short name, left on the device. Read at records."""
        return {}
