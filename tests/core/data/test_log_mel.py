"""The ear against numpy's own Fourier transform, and its bands against the formula of the mel scale."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.data.log_mel import FLOOR, HIGHEST, LOWEST, MELS, RATE, log_mel, mel_bands


def centres() -> np.ndarray:
    """Hertz of the edges (MELS + 2): equal steps of 2595 log10(1 + f / 700)."""
    low, high = (2595 * math.log10(1 + f / 700) for f in (LOWEST, HIGHEST))
    return 700 * (10 ** (np.linspace(low, high, MELS + 2) / 2595) - 1)


def test_bands_are_triangles_between_their_neighbours_centres() -> None:
    bands, edges, bins = mel_bands().numpy(), centres(), np.arange(129) * RATE / 256
    assert bands.shape == (MELS, 129) and bands.sum(1) == pytest.approx(1)
    for band, (low, middle, high) in zip(bands, zip(edges, edges[1:], edges[2:], strict=False), strict=True):
        triangle = np.interp(bins, [low, middle, high], [0, 1, 0])
        assert band == pytest.approx(triangle / triangle.sum(), abs=1e-6)


def test_frames_are_the_powers_of_windows_every_125_samples() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, 1000)
    window = 0.5 - 0.5 * np.cos(2 * math.pi * np.arange(256) / 256)
    padded = np.pad(x, (65, 66))
    power = np.stack([abs(np.fft.rfft(window * padded[125 * k : 125 * k + 256])) ** 2 for k in range(8)], 1)
    expected = np.log(mel_bands().numpy() @ power + 1e-3)
    assert log_mel(torch.tensor(x[None]).float())[0].numpy() == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_silence_is_the_floor() -> None:
    assert log_mel(torch.zeros(2, 500)).numpy() == pytest.approx(math.log(FLOOR))
    assert log_mel(torch.zeros(2, 500)).shape == (2, MELS, 4)
