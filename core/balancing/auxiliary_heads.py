"""Readers: one linear head a modality, which says what could be told from its embedding alone.

    y_m = W_m z_m + b_m                                              (B, C)
    L_m = sum_i here_im loss(y_im, t_i) / sum_i here_im              over the samples that have the modality

The loss is that of what is predicted: cross-entropy of a class, binary cross-entropy of labels, squared error of values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from core.fusion.base import ModelSpec
from core.output import Batch
from core.seeding import initialising


class AuxiliaryHeads(nn.Module):
    """Heads with a stream of first weights of their own, so that the model's are those of plain training."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.target = spec.target
        heads = {}
        for name in spec.modalities:
            with initialising(spec.seed, "reader", name):
                heads[name] = nn.Linear(spec.width, spec.classes)
        self.heads = nn.ModuleDict(heads)

    def forward(self, z: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """modality -> (B, D) to modality -> (B, C)."""
        return {name: head(z[name]) for name, head in self.heads.items()}

    def losses(self, z: Mapping[str, Tensor], batch: Batch) -> dict[str, Tensor]:
        """modality -> L_m, a scalar."""
        each = {name: sample_losses(self.target, prediction, batch) for name, prediction in self(z).items()}
        return {name: mean_over(loss, batch.present[name]) for name, loss in each.items()}


def sample_losses(target: str, prediction: Tensor, batch: Batch) -> Tensor:
    """(B,) the loss of each sample's prediction (B, C), for what is predicted."""
    return _LOSSES[target](prediction, batch)


def mean_over(values: Tensor, here: Tensor) -> Tensor:
    """The mean of values (B,) where `here` (B,); 0 where nobody is."""
    return (values * here).sum() / here.sum().clamp_min(1)


def _of_class(prediction: Tensor, batch: Batch) -> Tensor:
    return F.cross_entropy(prediction, batch.target, reduction="none")


def _of_labels(prediction: Tensor, batch: Batch) -> Tensor:
    truth = batch.targets["labels"].to(prediction.dtype)
    return F.binary_cross_entropy_with_logits(prediction, truth, reduction="none").mean(1)


def _of_value(prediction: Tensor, batch: Batch) -> Tensor:
    return F.mse_loss(prediction, batch.targets["value"], reduction="none").mean(1)


_LOSSES: dict[str, Callable[[Tensor, Batch], Tensor]] = {
    "class": _of_class,
    "labels": _of_labels,
    "value": _of_value,
}
