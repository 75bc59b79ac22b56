"""What every encoder is: a sample of one modality in, tokens and one pooled vector out.

    tokens   (B, T, D)   one vector a place: a patch, a slice of time, a word. A token of zeros means "nothing here".
    pooled   (B, D)      the sample as one vector, computed from the tokens so that no weight is ever idle

No batch norm and no dropout: a sample's result must not depend on its neighbours, and an expert of a late ensemble must
be bit-equal to the same encoder trained alone.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from core.catalog.localized import Localized
from core.data.base import Modality
from core.errors import missing_method


class Encoder(nn.Module):
    """Subclass: fill in the class attributes, build layers of width D for a modality, return (tokens, pooled)."""

    shelf: ClassVar[str] = "encoders"  # of the catalogue
    kind: ClassVar[str]  # of modality
    name: ClassVar[str]
    title: ClassVar[Localized | str] = ""  # in English alone, or in both languages
    idea: ClassVar[Localized | str] = ""  # one sentence
    paper: ClassVar[str] = ""

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__()
        self.modality = modality
        self.width = width

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        raise missing_method(self, "forward(self, x)")

    @classmethod
    def raw_width(cls, modality: Modality) -> int:
        """F, the length of `raw`."""
        width = 1
        for size in modality.shape:
            width *= size
        return width

    @classmethod
    def raw(cls, modality: Modality, x: Tensor) -> Tensor:
        """The sample as it came, as one vector (B, F): what early fusion joins."""
        return x.flatten(1)

    @classmethod
    def fits(cls, modality: Modality, x: Tensor) -> bool:
        """Does a batch have the shape that this modality promises?"""
        return x.shape[1:] == modality.shape
