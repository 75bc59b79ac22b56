"""Spoken and written digits: the same digit seen and heard, both through noise; tested on new images and new voices.

    image  (1, 8, 8)    scikit-learn's handwritten digits through a noisy camera
    audio  (32, 32)     log-mel of a spoken digit, half a second at 8 kHz, through a noisy room
    text   (3,)         on request: a hint such as "even", which alone leaves five digits

Why it is here: each modality alone is unsure, and they err on different samples, so any sound fusion wins; noise and missing
modalities show which method relies on which. Images and voices meet only by class: equal `pair` means the same digit.
Testing uses 500 other images and ten other voices; no image and no voice is in both splits. Of the voices that is all there
is to know (ten words each: 100 clips for 500 test samples). Of the images it is not: 13 people wrote them, the file does not say
who wrote which, so the same hands may stand in both splits, and a test accuracy says nothing of handwriting never met. The data have a seed of their own (`data.seed`: who is paired with
whom, which noise), so that runs of different seeds train on the same data and can be compared in pairs.

Files and licences: core/data/digit_files.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.data.base import DataSet, ModalityEntry, Split, Task, data_hash, drop, zero_absent
from core.data.digit_files import spoken, written
from core.data.sensors import LATEST, TIME, Camera, Microphone, Reader, Sensor, true_hints
from core.renderers import Shown
from core.seeding import generator

TEST_IMAGES = 50  # of each class
CHUNK = 32  # samples at a time: a spectrogram's steps stay in the processor's cache (12x faster than all at once)


class AvDigits(DataSet):
    """Written digits (1, 8, 8) and spoken digits as log-mel spectrograms (mels, frames), paired by class; an optional text hint."""

    name = "av_digits"
    title = Localized("Spoken and written digits", "语音与手写数字")
    idea = Localized(
        "The same digit seen and heard through noise; testing uses new images, perhaps by the same hands, and new voices.",
        "在噪声中看到并听到同一个数字；测试使用新的图像（书写者可能相同）和新的嗓音。",
    )
    family = "digits"
    formula = r"x_{image} = digit + \sigma\,\epsilon,\quad x_{audio} = \log mel(voice + \sigma'\,\epsilon')"
    paper = "https://doi.org/10.24432/C50P49"
    parameters = (
        Parameter(
            "train_noise", "float", 0.5, 0.0, 1.0, 0.05, basic=True, title=Localized("noise in training", "训练噪声")
        ),
        Parameter(
            "test_noise", "float", 0.5, 0.0, 1.0, 0.05, answers="now", title=Localized("noise in testing", "测试噪声")
        ),
        Parameter("image_noise", "float", 1.0, 0.0, 1.0, 0.05, title=Localized("share of image noise", "图像噪声比例")),
        Parameter("audio_noise", "float", 1.0, 0.0, 1.0, 0.05, title=Localized("share of sound noise", "声音噪声比例")),
        Parameter("train_missing", "float", 0.0, 0.0, 0.9, 0.05, title=Localized("missing in training", "训练缺失率")),
        Parameter(
            "test_missing",
            "float",
            0.0,
            0.0,
            0.9,
            0.05,
            answers="now",
            title=Localized("missing in testing", "测试缺失率"),
        ),
        Parameter("text", "bool", False, basic=True, title=Localized("add a text hint", "加入文字提示")),
        Parameter(
            "train_size", "int", 4096, 20, 20000, unit="samples", title=Localized("training samples", "训练样本数")
        ),
        Parameter("seed", "int", 0, 0, 2**31 - 1, title=Localized("seed of the data", "数据种子")),
    )
    modalities = (
        ModalityEntry("image", "image", title=Localized("image", "图像")),
        ModalityEntry("audio", "audio", title=Localized("sound", "声音")),
        ModalityEntry("text", "text", when="text", title=Localized("hint", "文字提示")),
    )
    train_samples = "train_size"
    default_objective = "classification+infonce"
    default_fusion = "concat"
    defaults = {"epochs": 24, "learning_rate": 1e-3}  # noqa: RUF012
    version = "1"

    @classmethod
    def load(cls, **parameters: Any) -> Task:
        booth = _Booth(parameters)
        train, test = booth.cast("train"), booth.cast("test")
        raw_test = {name: torch.cat(list(booth.record(name, test))) for name in booth.sensors}
        scales = {}
        inputs: dict[str, dict[str, Tensor]] = {"train": {}, "test": {}}
        for name, sensor in booth.sensors.items():
            train_inputs = torch.cat([sensor.inputs(raw) for raw in booth.record(name, train)])
            scales[name] = _Scale.of(train_inputs, sensor.over)
            inputs["train"][name] = scales[name](train_inputs)
            inputs["test"][name] = scales[name](_inputs(sensor, raw_test[name]))
        splits = {cast.place: booth.split(cast, inputs[cast.place]) for cast in (train, test)}

        def corrupt(modality: str, severity: float, seed: int) -> Tensor:
            """More noise of the modality's own kind; the same noise, louder, as severity grows."""
            sensor, draw = booth.sensors[modality], generator(seed, "corrupt", modality)
            raw = [sensor.disturb(chunk, severity, draw) for chunk in raw_test[modality].split(CHUNK)]
            noisy = {modality: scales[modality](_inputs(sensor, torch.cat(raw)))}
            return zero_absent(noisy, splits["test"].present)[modality]

        def show(split: str, index: int) -> dict[str, Shown]:
            if split == "test":
                return {name: sensor.shown(raw_test[name][index]) for name, sensor in booth.sensors.items()}
            raw = {name: torch.cat(list(booth.record(name, train))) for name in booth.sensors}
            return {name: sensor.shown(raw[name][index]) for name, sensor in booth.sensors.items()}

        return Task(
            name=cls.name,
            modalities={name: sensor.modality for name, sensor in booth.sensors.items()},
            train=splits["train"],
            test=splits["test"],
            classes=tuple(map(str, range(10))),
            chance=0.1,
            retrieval="class",
            samples=data_hash(cls, parameters),
            corrupt=corrupt,
            show=show,
        )


@dataclass(frozen=True)
class _Cast:
    """Who plays in a split: N digits, and for each modality the recipe of each sample."""

    place: str
    digits: Tensor  # (N,)
    recipes: dict[str, Tensor]  # modality -> (N, ...)


class _Booth:
    """Casts and records the samples of one choice of parameters."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters
        self.spoken = spoken()
        images, self.labels = written()
        self.sensors: dict[str, Sensor] = {"image": Camera(images), "audio": Microphone(self.spoken)}
        if parameters["text"]:
            self.sensors["text"] = Reader()
        self.shares = {"image": parameters["image_noise"], "audio": parameters["audio_noise"], "text": 0.0}

    def cast(self, place: str) -> _Cast:
        """Digits in turn; the images and voices of the split's own pool go round, each in an order of its own."""
        count = self.parameters["train_size"] if place == "train" else 10 * TEST_IMAGES
        digits = torch.arange(count) % 10
        image, voice = torch.empty(count, dtype=torch.long), torch.empty(count, dtype=torch.long)
        for digit in range(10):
            mine = digits == digit
            image[mine] = self._go_round(self._images(place, digit), int(mine.sum()), place, "image", str(digit))
            voice[mine] = self._go_round(self._voices(place), int(mine.sum()), place, "voice", str(digit))
        begin = torch.randint(LATEST + 1, (count,), generator=self._draw(place, "begin"))
        begin = begin.minimum(TIME - self.spoken.lengths[voice, digits])
        recipes = {
            "image": image,
            "audio": torch.stack([voice, digits, begin], 1),
            "text": true_hints(digits, self._draw(place, "hint")),
        }
        return _Cast(place, digits, recipes)

    def record(self, name: str, cast: _Cast) -> Iterator[Tensor]:
        """Raw signals of a modality, with the split's noise, CHUNK samples at a time."""
        sensor, draw = self.sensors[name], self._draw(cast.place, "noise", name)
        severity = self.parameters[f"{cast.place}_noise"] * self.shares[name]
        for recipe in cast.recipes[name].split(CHUNK):
            yield sensor.disturb(sensor.clean(recipe), severity, draw)

    def split(self, cast: _Cast, inputs: dict[str, Tensor]) -> Split:
        """The split, some modalities missing."""
        everywhere = {name: torch.ones(len(cast.digits), dtype=torch.bool) for name in inputs}
        missing = self.parameters[f"{cast.place}_missing"]
        present = drop(everywhere, missing, self._draw(cast.place, "missing")) if missing else everywhere
        return Split(zero_absent(inputs, present), present, cast.digits, cast.digits.clone())

    def _images(self, place: str, digit: int) -> Tensor:
        mine = (self.labels == digit).nonzero().flatten()
        mine = mine[torch.randperm(len(mine), generator=self._draw("images", str(digit)))]
        return mine[:TEST_IMAGES] if place == "test" else mine[TEST_IMAGES:]

    def _voices(self, place: str) -> Tensor:
        first, count = self.spoken.train_voices, len(self.spoken.voices)
        return torch.arange(first, count) if place == "test" else torch.arange(first)

    def _go_round(self, pool: Tensor, count: int, *purpose: str) -> Tensor:
        """`count` members of the pool: everyone once, in a random order, then all again in another."""
        draw = self._draw("round", *purpose)
        rounds = [pool[torch.randperm(len(pool), generator=draw)] for _ in range(-(-count // len(pool)))]
        return torch.cat(rounds)[:count]

    def _draw(self, *purpose: str) -> torch.Generator:
        return generator(self.parameters["seed"], *purpose)


@dataclass(frozen=True)
class _Scale:
    """Standardises inputs by the training split's mean and deviation; leaves tokens alone."""

    mean: Tensor | None
    deviation: Tensor | None

    @classmethod
    def of(cls, x: Tensor, over: tuple[int, ...]) -> _Scale:
        if not over:
            return cls(None, None)
        return cls(x.mean(over, keepdim=True), x.std(over, keepdim=True))

    def __call__(self, x: Tensor) -> Tensor:
        return x if self.mean is None or self.deviation is None else (x - self.mean) / self.deviation


def _inputs(sensor: Sensor, raw: Tensor) -> Tensor:
    return torch.cat([sensor.inputs(chunk) for chunk in raw.split(CHUNK)])
