"""What every encoder is."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from core.data.base import Modality


class Encoder(nn.Module):
    """x (B, *modality.shape) -> tokens (B, T, D), z (B, D)."""

    kind: ClassVar[str]

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__()
        self.modality = modality
        self.width = width

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        raise NotImplementedError
