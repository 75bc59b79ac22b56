"""What every decoder is: the way back of an encoder, one vector per sample in, a sample of one modality out.

    h   (B, D)      an embedding: fused, of another modality, or drawn
    x   (B, ...)    a sample of the modality's shape, unbounded: whoever needs pixels in 0..1 says so in its loss

As in encoders there is no batch norm and no dropout: a sample's result does not depend on its neighbours.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from core.data.base import Modality
from core.errors import missing_method


class Decoder(nn.Module):
    """Subclass: fill in the class attributes, build layers from width D to a modality's shape, return x.

    `kind` is the kind of modality that it makes, `name` its name among the decoders of that kind.
    """

    kind: ClassVar[str]  # of modality
    name: ClassVar[str]
    title: ClassVar[str]
    idea: ClassVar[str]  # one sentence
    paper: ClassVar[str] = ""

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__()
        self.modality = modality
        self.width = width

    def forward(self, h: Tensor) -> Tensor:
        """h (B, D) -> x (B, *modality.shape)."""
        raise missing_method(self, "forward(self, h)")
