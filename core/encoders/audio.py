"""Sound as a log-mel picture: slices of time, each seen whole, then a linear layer over all of them.

    x'      = x - mean over time, band by band              (B, mels, frames)
    P       = slices of s = ceil(frames / 8) frames of x'   (B, T, mels * s), T <= 8
    tokens  = relu(P W_1 + b_1)                             (B, T, D)   what sounds in this slice
    pooled  = flatten(tokens) W_2 + b_2                     (B, D)      in which order

A 1-D convolution over time whose stride is its width; the mel bands are its channels, since a band's place means
something (a formant), unlike a pixel's. A band's mean over time tells of the voice and the room more than of the word;
without it, a voice never heard before is understood better, by LeNet too with each of four voices (benchmarks/encoders.py).

Log-mel: Stevens, Volkmann, Newman, A scale for the measurement of the psychological magnitude pitch, 1937. Means taken
off: Atal, Effectiveness of linear prediction characteristics of the speech wave for automatic speaker identification and
verification, 1974 (https://doi.org/10.1121/1.1914702); there of cepstra, which are linear in these logarithms.
"""

from __future__ import annotations

from torch import Tensor, nn

from core.catalog.localized import Localized
from core.data.base import Modality
from core.encoders.base import Encoder

SLICES = 8


class AudioEncoder(Encoder):
    """(B, mels, frames) -> tokens (B, T, D), pooled (B, D)."""

    kind = "audio"
    name = "slices"
    title = Localized("Slices of time", "时间片")
    idea = Localized(
        "Slices of the spectrogram, then a linear layer over all of them.", "把声谱切成时间片，再用一个线性层读取全部。"
    )

    def __init__(self, modality: Modality, width: int) -> None:
        super().__init__(modality, width)
        mels, frames = modality.shape
        self.stride = -(-frames // SLICES)
        self.pad = -frames % self.stride
        self.slice = nn.Linear(mels * self.stride, width)
        self.pool = nn.Linear((frames + self.pad) // self.stride * width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = x - x.mean(2, keepdim=True)
        if self.pad:  # with zeros, a band's mean
            x = nn.functional.pad(x, (0, self.pad))
        slices = x.unfold(2, self.stride, self.stride).transpose(1, 2).flatten(2)  # (B, T, mels * s)
        tokens = self.slice(slices).relu()
        return tokens, self.pool(tokens.flatten(1))
