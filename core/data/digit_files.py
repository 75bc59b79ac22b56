"""The two shipped files that `av_digits` is made of: written and spoken digits. Pure bytes, no pickle.

`assets/scripts/` holds what made them. Written: scikit-learn's copy of the test part of Optical Recognition of Handwritten
Digits (UCI, https://doi.org/10.24432/C50P49, CC BY 4.0), 1797 images of 8 x 8 by 13 writers, without a word on who wrote
which. Spoken: 40 voices of espeak-ng, 10 words each, mu-law.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from core.paths import ASSETS

WRITTEN = ASSETS / "written_digits.bin"
SPOKEN = ASSETS / "spoken_digits.bin"
SPOKEN_INDEX = ASSETS / "spoken_digits.json"


@dataclass(frozen=True)
class Spoken:
    """V voices saying ten digits at `rate` Hz; the first `train_voices` of them are for training."""

    clips: Tensor  # (V, 10, T) in -1..1, silence after the end
    lengths: Tensor  # (V, 10) samples without that silence
    voices: tuple[str, ...]
    train_voices: int
    rate: int


def written() -> tuple[Tensor, Tensor]:
    """Images (1797, 8, 8) in 0..1 and their digits (1797,)."""
    rows = torch.from_numpy(np.fromfile(WRITTEN, np.uint8).reshape(-1, 65).copy())
    return rows[:, :64].view(-1, 8, 8) / 16, rows[:, 64].long()


def spoken() -> Spoken:
    """All clips, padded with silence to the longest."""
    index = json.loads(SPOKEN_INDEX.read_text(encoding="utf-8"))
    sound = decode(torch.from_numpy(np.fromfile(SPOKEN, np.uint8)))
    offsets = index["offsets"]
    lengths = [end - start for start, end in pairwise(offsets)]
    clips = torch.zeros(len(lengths), max(lengths))
    for clip, start, length in zip(clips, offsets, lengths, strict=False):
        clip[:length] = sound[start : start + length]
    voices = tuple(index["voices"])
    return Spoken(
        clips.view(len(voices), 10, -1),
        torch.tensor(lengths).view(len(voices), 10),
        voices,
        index["train_voices"],
        index["rate"],
    )


def decode(codes: Tensor) -> Tensor:
    """mu-law bytes -> -1..1: sign(y) (256^|y| - 1) / 255 with y = code / 127.5 - 1 (the continuous law of G.711)."""
    levels = torch.arange(256) / 127.5 - 1
    table = levels.sign() * torch.expm1(levels.abs() * math.log(256)) / 255
    return table[codes.long()]


def encode(sound: Tensor) -> Tensor:
    """-1..1 -> mu-law bytes; what is louder is clipped."""
    x = sound.clamp(-1, 1)
    squeezed = x.sign() * torch.log1p(255 * x.abs()) / math.log(256)
    return ((squeezed + 1) * 127.5).round().to(torch.uint8)
