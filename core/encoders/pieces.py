"""A raw sample cut into pieces, each through one linear map: what a transformer over raw inputs reads.

    tokens = W p_j        (B, T, D)    p_j: a patch of pixels, a slice of time, a word, a stretch of a vector

No bias: a piece of zeros stays a token of zeros, which means "nothing here".
Patches: Dosovitskiy et al., An Image is Worth 16x16 Words, 2021. https://arxiv.org/abs/2010.11929
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.base import Modality


class Pieces(nn.Module):
    """Any tensor as a vector, cut into a few stretches of neighbouring numbers."""

    count: ClassVar[int] = 3  # along each axis that is cut

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__()
        length = self.cut(torch.zeros(1, *modality.shape)).shape[2]
        self.read: nn.Module = nn.Linear(length, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.read(self.cut(x))
        return result

    def cut(self, x: Tensor) -> Tensor:
        """(B, ...) -> (B, T, P); the end is padded with zeros."""
        return _strips(x.flatten(1), self.count)


class Patches(Pieces):
    """Images (B, C, H, W): three by three patches that do not overlap."""

    count = 3

    def cut(self, x: Tensor) -> Tensor:
        rows = _strips(x.transpose(2, 3), self.count)  # (B, C, W, 3, h)
        tiles = _strips(rows.permute(0, 1, 3, 4, 2), self.count)  # (B, C, 3, h, 3, w)
        return tiles.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)


class Slices(Pieces):
    """Sound (B, mels, frames): slices of time, each seen whole."""

    count = 8

    def cut(self, x: Tensor) -> Tensor:
        return _strips(x, self.count).transpose(1, 2).flatten(2)


class Words(Pieces):
    """Text (B, T) of any length: a row of W a word; padding has none."""

    def __init__(self, modality: Modality, width: int) -> None:
        nn.Module.__init__(self)
        self.read = nn.Embedding(modality.vocabulary, width, padding_idx=0)

    def cut(self, x: Tensor) -> Tensor:
        return x


PIECES: dict[str, type[Pieces]] = {"image": Patches, "audio": Slices, "text": Words}  # kind -> how it is cut


def pieces(modality: Modality, width: int) -> Pieces:
    """Fresh pieces of width D for this modality; its weights come from the global stream."""
    return PIECES.get(modality.kind, Pieces)(modality, width)


def _strips(x: Tensor, count: int) -> Tensor:
    """The last axis (..., F) in at most `count` strips of equal length: (..., T, F / T)."""
    length = -(-x.shape[-1] // count)
    x = F.pad(x, (0, -x.shape[-1] % length))
    result: Tensor = x.unflatten(-1, (-1, length))
    return result
