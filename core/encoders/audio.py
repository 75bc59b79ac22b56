"""Sound: a convolutional network over the frames of a log-mel spectrogram.

    x (B, mels, frames) -> D channels, 5 frames wide, stride 2 -> D channels, 3 wide, stride 2    each GELU
    tokens  the frames that are left (B, frames / 4, D), in the order of time
    z       a linear map of [mean; maximum] over them (B, D): what was said, wherever it was said

The mel bands are channels: a convolution in time alone is a matrix product, which is what a CPU does best.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.base import Modality
from core.encoders.base import Encoder


class AudioEncoder(Encoder):
    kind = "audio"

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        self.first = nn.Conv1d(modality.shape[0], width, 5, stride=2, padding=2)
        self.second = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.pool = nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        frames = F.gelu(self.second(F.gelu(self.first(x))))  # (B, D, T)
        pooled = self.pool(torch.cat([frames.mean(2), frames.amax(2)], 1))
        return frames.transpose(1, 2), pooled
