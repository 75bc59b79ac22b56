"""What flows through a model: a batch in, an output out. Objectives and metrics read nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

Rows = slice | Tensor


@dataclass(frozen=True)
class Batch:
    """B samples. The order of `inputs` is the order of the modalities everywhere."""

    inputs: dict[str, Tensor]  # modality -> (B, ...)
    present: dict[str, Tensor]  # modality -> (B,) bool, False where the sample lacks it
    target: Tensor  # (B,) int64
    pair: Tensor  # (B,) int64; equal ids belong together across modalities
    index: Tensor  # (B,) int64, position in the split
    targets: dict[str, Tensor] = field(default_factory=dict)  # of targets beside the class: name -> (B, ...)

    def __len__(self) -> int:
        return int(self.target.shape[0])

    def rows(self, rows: Rows) -> Batch:
        """Some of the samples: a slice is a view, a tensor of positions a copy."""
        return Batch(
            inputs=_rows(self.inputs, rows),
            present=_rows(self.present, rows),
            target=self.target[rows],
            pair=self.pair[rows],
            index=self.index[rows],
            targets=_rows(self.targets, rows),
        )


@dataclass(frozen=True)
class Output:
    """What a model says about a batch of B samples; what a method does not have stays empty."""

    z: dict[str, Tensor] = field(default_factory=dict)  # modality -> (B, D): seen by that modality alone
    tokens: dict[str, Tensor] = field(default_factory=dict)  # modality -> (B, T, D)
    h: Tensor | None = None  # (B, D) fused
    prediction: Tensor | None = (
        None  # (B, C): log-probabilities up to a constant a row; of labels logits, of values numbers
    )
    uncertainty: Tensor | None = None  # (B,) 0..1, of methods that say how little they know
    experts: dict[str, Tensor] = field(default_factory=dict)  # name -> (B, C) logits, each trained by its own loss
    taught: dict[str, Tensor] = field(default_factory=dict)  # expert -> (B,) bool, the samples that it learns from
    penalties: dict[str, Tensor] = field(default_factory=dict)  # name -> (B,) what the method itself wants to be small
    named: dict[str, Tensor] = field(
        default_factory=dict
    )  # "<role>" or "<role>/<modality>" -> (B, ...): reconstructions, ...

    def rows(self, rows: Rows) -> Output:
        """Some of the samples."""
        return Output(
            z=_rows(self.z, rows),
            tokens=_rows(self.tokens, rows),
            h=None if self.h is None else self.h[rows],
            prediction=None if self.prediction is None else self.prediction[rows],
            uncertainty=None if self.uncertainty is None else self.uncertainty[rows],
            experts=_rows(self.experts, rows),
            taught=_rows(self.taught, rows),
            penalties=_rows(self.penalties, rows),
            named=_rows(self.named, rows),
        )

    @staticmethod
    def joined(parts: list[Output]) -> Output:
        """The outputs of consecutive batches as one."""
        if len(parts) == 1:
            return parts[0]
        return Output(
            z=_joined([o.z for o in parts]),
            tokens=_joined([o.tokens for o in parts]),
            h=_stacked([o.h for o in parts]),
            prediction=_stacked([o.prediction for o in parts]),
            uncertainty=_stacked([o.uncertainty for o in parts]),
            experts=_joined([o.experts for o in parts]),
            taught=_joined([o.taught for o in parts]),
            penalties=_joined([o.penalties for o in parts]),
            named=_joined([o.named for o in parts]),
        )


def _rows(tensors: dict[str, Tensor], rows: Rows) -> dict[str, Tensor]:
    return {name: x[rows] for name, x in tensors.items()}


def _stacked(parts: list[Tensor | None]) -> Tensor | None:
    given = [part for part in parts if part is not None]
    return torch.cat(given) if given else None


def _joined(parts: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
