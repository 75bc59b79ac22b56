"""Images: a token per place, and from each token its patch, the way back of `core/encoders/image.py`.

    tokens = relu(h W_1 + b_1)        (B, 16, D)              4 x 4 places, each with weights of its own
    P      = tokens W_2 + b_2         (B, 16, C * s * s')     patches of s = ceil(H / 4) rows, s' = ceil(W / 4) columns
    x      = the patches side by side (B, C, H, W)            cut where the last ones reach beyond the border

One matrix for all patches: how a stroke looks does not depend on where it is. No transposed convolution, whose overlapping
kernels leave a chequered pattern (Odena et al., Deconvolution and checkerboard artifacts, 2016.
https://doi.org/10.23915/distill.00003).
"""

from __future__ import annotations

from torch import Tensor, nn

from core.data.base import Modality
from core.decoders.base import Decoder

GRID = 4  # patches a side


class ImageDecoder(Decoder):
    """h (B, D) -> (B, C, H, W)."""

    kind = "image"
    name = "patches"
    title = "Patches"
    idea = "A token per place, and from each token its patch."
    paper = "https://doi.org/10.23915/distill.00003"

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        self.channels, *sides = modality.shape
        self.sides = tuple(-(-side // GRID) for side in sides)
        self.places = nn.Linear(width, GRID * GRID * width)
        self.patch = nn.Linear(width, self.channels * self.sides[0] * self.sides[1])

    def forward(self, h: Tensor) -> Tensor:
        tall, wide = self.sides
        tokens = self.places(h).relu().view(-1, GRID, GRID, self.width)
        patches = self.patch(tokens).view(-1, GRID, GRID, self.channels, tall, wide)
        image = patches.permute(0, 3, 1, 4, 2, 5).reshape(-1, self.channels, GRID * tall, GRID * wide)
        _, height, width = self.modality.shape
        result: Tensor = image[:, :, :height, :width]
        return result
