"""Auxiliary heads: one linear head per modality, which predicts from its embedding alone.

    y_m = W_m z_m + b_m                                              (B, C)
    L_m = sum_i here_im loss(y_im, t_i) / sum_i here_im              over the samples that have the modality

The loss is that of the target: cross-entropy of a class, binary cross-entropy of labels, squared error of values.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from core.fusion.base import ModelSpec
from core.output import Batch
from core.seeding import initialising


class AuxiliaryHeads(nn.Module):
    """Heads with a stream of first weights of their own, so that the model's are those of plain training."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        assert spec.target is not None, "a strategy with heads needs a target"
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
        each = {name: self.target.losses(prediction, batch) for name, prediction in self(z).items()}
        return {name: mean_over(loss, batch.present[name]) for name, loss in each.items()}


def mean_over(values: Tensor, mask: Tensor) -> Tensor:
    """The mean of values (B,) where `mask` (B,) is true; 0 where it never is."""
    return (values * mask).sum() / mask.sum().clamp_min(1)
