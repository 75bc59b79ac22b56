"""Real pairs from a folder of your own: written digits (MNIST) and spoken ones (Free Spoken Digit Dataset), paired by class.

    image  (1, 28, 28)     a person's handwriting
    audio  (32, 48)        log-mel of a person's voice, three quarters of a second at 8 kHz

`pairs_train.parquet` and `pairs_test.parquet` hold a row a pair: `image_png` and `audio_flac` as bytes, `label`, `speaker`.
Testing has a speaker that training never heard. Nothing of it is shipped; the benchmarks ask for the folder.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from core.data.base import Modality, Split, Task, zero_absent
from core.data.log_mel import RATE, log_mel
from core.renderers import Picture, Shown, Sound
from core.seeding import generator

TIME = 6000  # samples heard of each recording: 99 of 100 are shorter
WORST = 3.0  # standard deviation of the noise that `corrupt` adds at severity 1


def load(folder: Path, side: int = 0) -> Task:
    """The task. With a `side`, spectrograms are scaled to side x side, as the sets that LeNet was meant for have them."""
    return _task(*_tables(folder), side, str(folder))


def folds(folder: Path, side: int = 0) -> Iterator[tuple[str, Task]]:
    """Every speaker of both files in turn: tested with that one's pairs, trained with all others'.

    A picture belongs to one pair, so those of the speaker that is left out are new as well; who wrote them may have
    written others that training saw, since only the folder's own split keeps the writers of MNIST apart.
    """
    pairs = pd.concat(_tables(folder), ignore_index=True)
    for speaker in sorted(pairs["speaker"].unique()):
        left_out = pairs["speaker"] == speaker
        yield speaker, _task(pairs[~left_out], pairs[left_out], side, f"{folder}, {speaker} left out")


def _tables(folder: Path) -> list[pd.DataFrame]:
    return [pd.read_parquet(folder / f"pairs_{place}.parquet") for place in ("train", "test")]


def _task(train: pd.DataFrame, test: pd.DataFrame, side: int, where: str) -> Task:
    """Both are scaled by what training alone has, a number for all pixels, and one a mel band."""
    raw = {"train": train, "test": test}
    _refuse_leaks(train, test, where)
    pixels = {place: torch.stack([_picture(png) for png in table["image_png"]]) for place, table in raw.items()}
    sounds = {place: torch.stack([_sound(flac) for flac in table["audio_flac"]]) for place, table in raw.items()}
    heard = {place: _scaled(log_mel(x), side) for place, x in sounds.items()}
    seen = {place: x.unsqueeze(1) for place, x in pixels.items()}
    splits = {}
    for place, table in raw.items():
        inputs = {
            "image": (seen[place] - seen["train"].mean()) / seen["train"].std(),
            "audio": (heard[place] - heard["train"].mean((0, 2), keepdim=True))
            / heard["train"].std((0, 2), keepdim=True),
        }
        label = torch.tensor(table["label"].to_numpy(), dtype=torch.long)
        here = {name: torch.ones(len(label), dtype=torch.bool) for name in inputs}
        splits[place] = Split(inputs, here, label, label.clone())
    test = splits["test"]

    def corrupt(modality: str, severity: float, seed: int) -> Tensor:
        clean = test.inputs[modality]
        noise = torch.randn(clean.shape, generator=generator(seed, "corrupt", modality))
        return zero_absent({modality: clean + severity * WORST * noise}, test.present)[modality]

    def show(split: str, index: int) -> dict[str, Shown]:
        return {
            "image": Picture(pixels[split][index]),
            "audio": Sound(sounds[split][index], RATE),
        }

    return Task(
        name="real pairs",
        modalities={
            "image": Modality("image", tuple(test.inputs["image"].shape[1:])),
            "audio": Modality("audio", tuple(test.inputs["audio"].shape[1:])),
        },
        train=splits["train"],
        test=test,
        classes=tuple(map(str, range(10))),
        chance=0.1,
        retrieval="class",
        samples="",
        corrupt=corrupt,
        show=show,
    )


def _refuse_leaks(train: pd.DataFrame, test: pd.DataFrame, where: str) -> None:
    """A voice, a recording or a picture on both sides would be recognised instead of understood."""
    for column, what in (("speaker", "speakers"), ("audio_flac", "recordings"), ("image_png", "pictures")):
        shared = len(set(train[column]) & set(test[column]))
        if shared:
            raise SystemExit(f"{where}: {shared} {what} are on both sides; testing needs new ones.")


def _picture(png: bytes) -> Tensor:
    return torch.from_numpy(np.asarray(Image.open(io.BytesIO(png)).convert("L"), np.float32) / 255)


def _sound(flac: bytes) -> Tensor:
    wave, rate = soundfile.read(io.BytesIO(flac), dtype="float32")
    if rate != RATE:
        raise SystemExit(f"A recording has {rate} samples per second, expected {RATE}.")
    wave = torch.from_numpy(wave)[:TIME]
    return F.pad(wave, (0, TIME - len(wave)))


def _scaled(spectrogram: Tensor, side: int) -> Tensor:
    if not side:
        return spectrogram
    return F.interpolate(spectrogram.unsqueeze(1), (side, side), mode="bilinear", align_corners=False).squeeze(1)
