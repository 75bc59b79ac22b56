"""What flows through a model: a batch in, an output out. Objectives and metrics read nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """B samples. The order of `inputs` is the order of the modalities everywhere."""

    inputs: dict[str, Tensor]  # modality -> (B, ...)
    present: dict[str, Tensor]  # modality -> (B,) bool, False where the sample lacks it
    target: Tensor  # (B,) int64
    pair: Tensor  # (B,) int64; equal ids belong together across modalities
    index: Tensor  # (B,) int64, position in the split

    def __len__(self) -> int:
        return int(self.target.shape[0])


@dataclass(frozen=True)
class Output:
    """What a model says about a batch of B samples; what a method does not have stays empty."""

    z: dict[str, Tensor] = field(default_factory=dict)  # modality -> (B, D): seen by that modality alone
    tokens: dict[str, Tensor] = field(default_factory=dict)  # modality -> (B, T, D)
    h: Tensor | None = None  # (B, D) fused
    prediction: Tensor | None = None  # (B, C) log-probabilities up to a constant per row
    experts: dict[str, Tensor] = field(default_factory=dict)  # modality -> (B, C), each trained by its own loss
