"""Sounds come back from their mu-law bytes."""

from __future__ import annotations

import numpy as np

from core.renderers import Files, Sound
from core.renderers.sound import mulaw


def back(code: np.ndarray) -> np.ndarray:
    bits = ~code.astype(np.int32) & 255
    size = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132
    return np.where(bits & 128, -size, size) / 32768


def test_mulaw_is_decoded_to_the_sound() -> None:
    sound = np.linspace(-0.99, 0.99, 1001)
    assert np.abs(back(mulaw(sound)) - sound).max() < 0.02


def test_sounds_of_unequal_lengths_are_kept_apart(files: Files) -> None:
    waves = [np.full(length, level) for length, level in ((4, 0.5), (7, -0.25), (1, 0.0))]
    entry = Sound.write([Sound(wave, 16000) for wave in waves], files)
    data = np.frombuffer((files.folder / entry["file"]).read_bytes(), np.uint8)
    assert entry["rate"] == 16000 and entry["offsets"] == [0, 4, 11, 12] and len(data) == 12
    for start, end, wave in zip(entry["offsets"], entry["offsets"][1:], waves, strict=False):
        assert np.abs(back(data[start:end]) - wave).max() < 0.02
