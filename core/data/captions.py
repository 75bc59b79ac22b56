"""Captions: a drawn scene of two things, and a sentence that describes where they are.

    image    (3, 24, 24)   two things on a dark ground: shape, colour, size, place
    caption  (T,)          "there is a small red circle to the left of a big blue box" as token ids

Why it is here: each picture has one caption that is its own, so a search can find exactly it (R@1 among all test scenes).
Testing uses combinations of things that training never showed; no two test scenes share a description, so no two
captions mean the same. The colour swap asks for more than words: "a red circle left of a blue box" and "a blue circle
left of a red box" are the same bag of words, so whoever does not read the order scores one half.

    class    the quarter of the picture with the thing that the sentence is about. The caption tells which thing, and half
             of the place; the picture tells places, and not which thing is meant. Each alone reaches about one half.
    labels   which colours, shapes and sizes occur: both modalities tell all of it
    value    the way from the thing that the sentence is about to the other one, x and y in half pictures

Hsieh et al., SugarCrepe, 2023, for tests by swapped words; the drawn world is of the kind of Johnson et al., CLEVR, 2017
(https://arxiv.org/abs/1612.06890). Made here, no licence needed. The data have a seed of their own (`data.seed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.data import wording
from core.data.base import (
    DataSet,
    HardNegative,
    Modality,
    ModalityEntry,
    Split,
    Task,
    data_hash,
    drop,
    source,
    zero_absent,
)
from core.data.scenes import COLOURS, COMBINATIONS, SHAPES, SIDE, SIZES, Scenes, arrange, pictures
from core.renderers import Picture, Shown, Text
from core.seeding import generator
from core.targets import ClassTarget, LabelsTarget, ValueTarget

QUARTERS = ("top left", "top right", "bottom left", "bottom right")
HALF = "half pictures"
_TITLES = {
    "top left": "左上",
    "top right": "右上",
    "bottom left": "左下",
    "bottom right": "右下",
    "x": "水平",
    "y": "竖直",
    HALF: "半幅图像",
    "red": "红",
    "green": "绿",
    "blue": "蓝",
    "yellow": "黄",
    "purple": "紫",
    "cyan": "青",
    "white": "白",
    "circle": "圆形",
    "square": "方形",
    "triangle": "三角形",
    "cross": "十字形",
    "small": "小",
    "large": "大",
}
TITLES = {name: Localized(name, text) for name, text in _TITLES.items()}
PIXEL_NOISE = 0.7  # standard deviation at severity 1; colours reach from 0 to 1
WORD_NOISE = 0.5  # share of the words that severity 1 replaces


class Captions(DataSet):
    """Drawn scenes (3, 24, 24) and a sentence for each (T,), paired one to one, with a colour swap as hard negative."""

    name = "captions"
    title = Localized("Scenes and captions", "场景与描述")
    idea = Localized(
        "Two drawn things and a sentence of their own; a colour swap tells who reads the order of words.",
        "两个画出来的物体，配上专属于它们的一句话；交换颜色便知谁在读词序。",
    )
    family = "generated"
    formula = (
        r"x_{image} = draw(s) + \sigma\,\epsilon,\quad x_{caption} = say(s),\quad s = (thing_1,\; thing_2,\; place)"
    )
    paper = "https://arxiv.org/abs/2306.14610"
    parameters = (
        Parameter(
            "train_noise", "float", 0.1, 0.0, 1.0, 0.05, basic=True, title=Localized("noise in training", "训练噪声")
        ),
        Parameter(
            "test_noise", "float", 0.1, 0.0, 1.0, 0.05, answers="now", title=Localized("noise in testing", "测试噪声")
        ),
        Parameter("image_noise", "float", 1.0, 0.0, 1.0, 0.05, title=Localized("share of image noise", "图像噪声比例")),
        Parameter(
            "caption_noise", "float", 0.0, 0.0, 1.0, 0.05, title=Localized("share of caption noise", "描述噪声比例")
        ),
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
        Parameter(
            "wording", "choice", "varied", choices=("varied", "plain"), basic=True, title=Localized("wording", "措辞")
        ),
        Parameter(
            "train_size", "int", 4096, 16, 65536, unit="samples", title=Localized("training samples", "训练样本数")
        ),
        Parameter("test_size", "int", 256, 16, 500, unit="samples", title=Localized("test samples", "测试样本数")),
        Parameter("seed", "int", 0, 0, 2**31 - 1, title=Localized("seed of the data", "数据种子")),
    )
    titles = TITLES
    modalities = (
        ModalityEntry("image", "image", title=Localized("image", "图像")),
        ModalityEntry("caption", "text", title=Localized("caption", "描述")),
    )
    pairs = "instance"
    targets = (ClassTarget.name, LabelsTarget.name, ValueTarget.name)
    encoders = {"text": "gru"}  # noqa: RUF012
    train_samples = "train_size"
    draws = True
    default_objective = "infonce"
    default_fusion = "concat"
    defaults = {"epochs": 30}  # noqa: RUF012
    version = "1"

    @classmethod
    def load(cls, draw: int | None = None, **values: Any) -> Task:
        parameters = _Parameters(draw=draw, **values)
        perceived = {place: _perceive(parameters, place) for place in ("train", "test")}
        mean, deviation = perceived["train"].picture.mean(), perceived["train"].picture.std()
        train, test = (_split(parameters, place, perceived[place], mean, deviation) for place in ("train", "test"))

        def corrupt(modality: str, severity: float, seed: int) -> Tensor:
            """More noise of the modality's own kind; the same noise, louder, as severity grows."""
            draw = generator(seed, "corrupt", modality)
            if modality == "image":
                noisy = (_grainy(perceived["test"].picture, severity, draw) - mean) / deviation
            else:
                noisy = wording.misread(perceived["test"].ids, severity * WORD_NOISE, draw)
            return zero_absent({modality: noisy}, test.present)[modality]

        def show(split: str, index: int) -> dict[str, Shown]:
            one = perceived[split]
            return {"image": Picture(one.picture[index]), "caption": Text(wording.read(one.ids[index]))}

        return Task(
            name=cls.name,
            modalities={
                "image": Modality("image", (3, SIDE, SIDE)),
                "caption": Modality("text", (wording.LONGEST,), vocabulary=len(wording.WORDS)),
            },
            train=train,
            test=test,
            classes=QUARTERS,
            chance=1 / len(QUARTERS),
            retrieval="instance",
            samples=data_hash(cls, values),
            corrupt=corrupt,
            show=show,
            names={LabelsTarget.name: (*COLOURS, *SHAPES, *SIZES), ValueTarget.name: ("x", "y")},
            units={ValueTarget.name: (HALF, HALF)},
            hard_negatives=_colour_swap(test),
        )


@dataclass(frozen=True)
class _Parameters:
    train_noise: float
    test_noise: float
    image_noise: float
    caption_noise: float
    train_missing: float
    test_missing: float
    wording: str
    train_size: int
    test_size: int
    seed: int
    draw: int | None = None

    def generator(self, place: str, *purpose: str) -> torch.Generator:
        """A stream of a split; of the training split by `draw`, where it is drawn anew."""
        return generator(source(self.seed, place, self.draw), place, *purpose)

    def of(self, place: str, name: str) -> Any:
        """A parameter that each split has of its own."""
        return getattr(self, f"{place}_{name}")

    def combinations(self, place: str) -> Tensor:
        """(N,): the test split's own ones, each once; training draws from all others."""
        order = torch.randperm(COMBINATIONS, generator=generator(self.seed, "combinations"))
        if place == "test":
            return order[: self.test_size]
        others = order[self.test_size :]
        return others[torch.randint(len(others), (self.train_size,), generator=self.generator("train", "deal"))]


@dataclass(frozen=True)
class _Seen:
    """N scenes as people get them, and what is true of them."""

    scenes: Scenes
    first: Tensor  # (N,) the thing that the caption is about
    picture: Tensor  # (N, 3, SIDE, SIDE) in 0..1, noise included
    ids: Tensor  # (N, T), noise included


def _perceive(parameters: _Parameters, place: str) -> _Seen:
    scenes = arrange(parameters.combinations(place), parameters.generator(place, "layout"))
    words = wording.word(len(scenes), parameters.wording == "varied", parameters.generator(place, "words"))
    noise = parameters.of(place, "noise")
    grain, slips = (parameters.generator(place, "noise", name) for name in ("image", "caption"))
    return _Seen(
        scenes,
        words.first,
        _grainy(pictures(scenes), noise * parameters.image_noise, grain),
        wording.misread(wording.write(scenes, words), noise * parameters.caption_noise * WORD_NOISE, slips),
    )


def _split(parameters: _Parameters, place: str, perceived: _Seen, mean: Tensor, deviation: Tensor) -> Split:
    count = len(perceived.scenes)
    inputs = {"image": (perceived.picture - mean) / deviation, "caption": perceived.ids}
    everywhere = {name: torch.ones(count, dtype=torch.bool) for name in inputs}
    present = drop(everywhere, parameters.of(place, "missing"), parameters.generator(place, "missing"))
    rows = torch.arange(count)
    about = perceived.scenes.centre[rows, perceived.first]  # (N, 2)
    other = perceived.scenes.centre[rows, 1 - perceived.first]
    quarter = (about > (SIDE - 1) / 2).long()
    return Split(
        zero_absent(inputs, present),
        present,
        target=2 * quarter[:, 1] + quarter[:, 0],
        pair=rows,
        targets={LabelsTarget.name: _occur(perceived.scenes), ValueTarget.name: (other - about) / (SIDE / 2)},
    )


def _occur(scenes: Scenes) -> Tensor:
    """(N, 13): which colours, shapes and sizes are in the scene."""
    parts = ((scenes.colour, COLOURS), (scenes.shape, SHAPES), (scenes.size, SIZES))
    return torch.cat([F.one_hot(which, len(names)).amax(1) for which, names in parts], 1).float()


def _grainy(picture: Tensor, severity: float, draw: torch.Generator) -> Tensor:
    if not severity:
        return picture
    return (picture + severity * PIXEL_NOISE * torch.randn(picture.shape, generator=draw)).clamp_(0, 1)


def _colour_swap(test: Split) -> dict[str, HardNegative]:
    """The hard negative of the samples that have both modalities and two colours; {} where there are none."""
    both = (test.present["image"] & test.present["caption"]).nonzero().flatten()
    rows, swapped = wording.swap_colours(test.inputs["caption"][both])
    return {"colour_swap": HardNegative("caption", both[rows], swapped)} if len(rows) else {}
