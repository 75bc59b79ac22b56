"""Log-mel spectrogram of a waveform: its energy over time in bands spaced like perceived pitch.

    x (B, T) -> |STFT|^2 (B, 129, frames) -> mean power in 32 mel bands -> log -> (B, 32, frames)

Stevens, Volkmann and Newman 1937: mel(f) = 2595 log10(1 + f / 700), in the form of O'Shaughnessy 1987. Hann windows of
256 samples (32 ms at 8 kHz) every 125 (15.6 ms); one frame a hop, the sound padded with silence on both sides.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

RATE = 8000  # Hz
MELS = 32
WINDOW = 256  # samples
HOP = 125  # samples
LOWEST, HIGHEST = 60.0, 3800.0  # Hz, the outer edges of the bands
FLOOR = 1e-3  # power added before the logarithm: 30 dB under a voice of root mean square .1, so that silence is finite


def log_mel(x: Tensor) -> Tensor:
    """x (B, T) in -1..1 at `RATE`, T a multiple of `HOP` -> (B, MELS, T / HOP) natural logarithms of power."""
    around = WINDOW - HOP
    padded = F.pad(x, (around // 2, around - around // 2))
    spectrum = torch.stft(
        padded, WINDOW, HOP, window=torch.hann_window(WINDOW), center=False, return_complex=True
    )  # (B, WINDOW / 2 + 1, T / HOP)
    power = spectrum.real.square() + spectrum.imag.square()
    return torch.matmul(mel_bands(), power).add_(FLOOR).log_()


@lru_cache(maxsize=1)
def mel_bands() -> Tensor:
    """(MELS, WINDOW / 2 + 1) triangles over the spectrum's bins, each row summing to 1; neighbours meet half-way."""
    edges = _hertz(torch.linspace(_mel(LOWEST), _mel(HIGHEST), MELS + 2, dtype=torch.double))
    bins = torch.linspace(0, RATE / 2, WINDOW // 2 + 1, dtype=torch.double)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = torch.minimum(rising, falling).clamp_min(0)
    return (triangles / triangles.sum(1, keepdim=True)).float()


def _mel(hertz: float) -> float:
    return 2595 * math.log10(1 + hertz / 700)


def _hertz(mel: Tensor) -> Tensor:
    return 700 * (10 ** (mel / 2595) - 1)
