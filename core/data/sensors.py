"""How a digit reaches the model: a camera, a microphone, a slip of paper. What people see and hear is what it gets.

recipe (N, ...) -> clean raw signal -> disturbed by a severity 0..1 -> inputs of the model
                                            |
                                            `-> shown: picture, sound, text
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from core.data.base import Modality
from core.data.digit_files import Spoken
from core.data.log_mel import HOP, MELS, log_mel
from core.renderers import Picture, Shown, Sound, Text

PIXEL_NOISE = 0.7  # standard deviation at severity 1; ink is 1, paper 0
SOUND_NOISE = 0.3  # root mean square at severity 1; a voice has .1, so the signal-to-noise ratio is -9.5 dB
TIME = 4000  # samples the microphone hears: half a second
LATEST = 400  # samples until a word begins, at most
HINTS = ("even", "odd", "less than five", "five or more")
WORDS = ("", "even", "odd", "less", "than", "five", "or", "more")  # token ids; 0 pads
_TRUE = [[d % 2 == 0, d % 2 == 1, d < 5, d >= 5] for d in range(10)]


class Sensor:
    """One modality. `over` are the dimensions that share one mean and deviation when inputs are standardised."""

    modality: Modality
    over: ClassVar[tuple[int, ...]] = ()

    def clean(self, recipe: Tensor) -> Tensor:
        """The undisturbed raw signals (N, ...) of some samples."""
        raise NotImplementedError

    def disturb(self, raw: Tensor, severity: float, draw: torch.Generator) -> Tensor:
        """Raw signals with noise of a severity 0..1 added."""
        raise NotImplementedError

    def inputs(self, raw: Tensor) -> Tensor:
        """Raw signals as what an encoder reads (N, *modality.shape), not standardised."""
        raise NotImplementedError

    def shown(self, raw: Tensor) -> Shown:
        """One raw signal for a person."""
        raise NotImplementedError


class Camera(Sensor):
    """Recipe (N,): which image. Noise is Gaussian; a pixel cannot get darker than ink or brighter than paper."""

    over = (0, 1, 2, 3)

    def __init__(self, images: Tensor) -> None:
        self.images = images  # (K, H, W) in 0..1
        self.modality = Modality("image", (1, *images.shape[1:]))

    def clean(self, recipe: Tensor) -> Tensor:
        return self.images[recipe]

    def disturb(self, raw: Tensor, severity: float, draw: torch.Generator) -> Tensor:
        return (raw + severity * PIXEL_NOISE * torch.randn(raw.shape, generator=draw)).clamp(0, 1)

    def inputs(self, raw: Tensor) -> Tensor:
        return raw.unsqueeze(1)

    def shown(self, raw: Tensor) -> Shown:
        return Picture(raw)


class Microphone(Sensor):
    """Recipe (N, 3): voice, digit, sample at which the word begins. White noise joins the waveform before the mel."""

    over = (0, 2)

    def __init__(self, spoken: Spoken) -> None:
        self.spoken = spoken
        self.modality = Modality("audio", (MELS, TIME // HOP))

    def clean(self, recipe: Tensor) -> Tensor:
        voice, digit, begin = recipe.unbind(1)
        spoken_clips = self.spoken.clips[voice, digit]  # (N, T)
        padded = torch.zeros(len(recipe), LATEST + TIME)
        padded[:, LATEST : LATEST + spoken_clips.shape[1]] = spoken_clips
        moved = torch.arange(TIME) + (LATEST - begin).unsqueeze(1)
        return padded.gather(1, moved)

    def disturb(self, raw: Tensor, severity: float, draw: torch.Generator) -> Tensor:
        return (raw + severity * SOUND_NOISE * torch.randn(raw.shape, generator=draw)).clamp(-1, 1)

    def inputs(self, raw: Tensor) -> Tensor:
        return log_mel(raw)

    def shown(self, raw: Tensor) -> Shown:
        return Sound(raw, self.spoken.rate)


class Reader(Sensor):
    """Recipe (N,): which of HINTS. Each is true of five digits. Noise puts a hint of chance in place of the true one."""

    def __init__(self) -> None:
        ids = [[WORDS.index(word) for word in hint.split()] for hint in HINTS]
        longest = max(map(len, ids))
        self.tokens = torch.tensor([row + [0] * (longest - len(row)) for row in ids])  # (4, 3)
        self.modality = Modality("text", (longest,), vocabulary=len(WORDS))

    def clean(self, recipe: Tensor) -> Tensor:
        return recipe

    def disturb(self, raw: Tensor, severity: float, draw: torch.Generator) -> Tensor:
        chance = torch.randint(len(HINTS), raw.shape, generator=draw)
        return torch.where(torch.rand(raw.shape, generator=draw) < severity, chance, raw)

    def inputs(self, raw: Tensor) -> Tensor:
        return self.tokens[raw]

    def shown(self, raw: Tensor) -> Shown:
        return Text(HINTS[int(raw)])


def true_hints(digits: Tensor, draw: torch.Generator) -> Tensor:
    """(N,) one of the two hints that are true of each digit, by a fair coin."""
    true = torch.tensor(_TRUE)[digits].float()
    return torch.multinomial(true, 1, generator=draw).squeeze(1)
