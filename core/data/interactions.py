"""Interactions: two vectors whose every bit of shared, private and joint information is known exactly.

    r, u1, u2, a, b      fair coins
    x1 = Q1 [r, u1, a] + share_1 noise                        (F,)   coins as -1 / +1, Q a fixed frame, orthogonal rows
    x2 = strength * (Q2 [r, u2, b] + share_2 noise) + offset  (F,)
    label = (r, u1, u2, a xor b), each bit flipped with a probability e of its own: 16 classes

The four bits do not meet, so what the coins tell of the label (BROJA, Bertschinger et al. 2014) is exactly 1 - h(e) bits
of redundant, unique and synergistic information, one bit of the label each. What the noisy vectors tell of it, absent ones
left out, is less, and is computed to 1e-9 (`interactions_truth`), for samples such as the training and such as the test
split's. Accuracy per bit then reads off what a method can use: whoever adds up what each side says alone can never see
a xor b. `strength` and `offset` are undone by a straight line and change no information.

Coins and flips are drawn in exact proportions: every one of the 32 outcomes equally often, flips spread evenly over
them. A sample's luck would otherwise favour one side of a xor b, and a method that cannot see it would score .57 by chance.

Made here, no licence needed. The data have a seed of their own (`data.seed`), so that runs of different seeds train on
the same data and can be compared in pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.data import interactions_truth as truth
from core.data.base import DataSet, Modality, ModalityEntry, Split, Task, data_hash, drop, source, zero_absent
from core.renderers import Shown, Vector
from core.seeding import generator

PARTS = ("redundant", "unique1", "unique2", "synergy")
_PARAMETERS = ("redundancy", "unique1", "unique2", "synergy")
_MODALITIES = ("x1", "x2")
_WORST = 3.0  # standard deviation of the noise that `corrupt` adds at severity 1; a feature's own is 1


class Interactions(DataSet):
    """Two vectors (F,) whose redundant, unique and synergistic bits about the label are known exactly (Bertschinger et al., 2014)."""

    name = "interactions"
    title = Localized("Interactions", "信息交互")
    idea = Localized(
        "Two vectors whose shared, private and joint information is known in bits.",
        "两个向量，其共享、独有与协同信息以比特精确可知。",
    )
    family = "generated"
    formula = r"y = (r,\; u_1,\; u_2,\; a \oplus b),\quad x_1 \ni r, u_1, a,\quad x_2 \ni r, u_2, b"
    paper = "https://arxiv.org/abs/1311.2852"
    parameters = (
        Parameter("redundancy", "float", 1.0, 0.0, 1.0, 0.05, title=Localized("redundancy", "冗余信息")),
        Parameter("unique1", "float", 1.0, 0.0, 1.0, 0.05, title=Localized("unique to the first", "第一向量独有")),
        Parameter("unique2", "float", 1.0, 0.0, 1.0, 0.05, title=Localized("unique to the second", "第二向量独有")),
        Parameter("synergy", "float", 1.0, 0.0, 1.0, 0.05, basic=True, title=Localized("synergy", "协同信息")),
        Parameter("label_noise", "float", 0.05, 0.0, 0.5, 0.01, title=Localized("label noise", "标签噪声")),
        Parameter(
            "train_noise", "float", 0.1, 0.0, 3.0, 0.05, basic=True, title=Localized("noise in training", "训练噪声")
        ),
        Parameter(
            "test_noise", "float", 0.1, 0.0, 3.0, 0.05, answers="now", title=Localized("noise in testing", "测试噪声")
        ),
        Parameter(
            "x1_noise", "float", 1.0, 0.0, 1.0, 0.01, title=Localized("share of the first's noise", "第一向量噪声比例")
        ),
        Parameter(
            "x2_noise", "float", 1.0, 0.0, 1.0, 0.01, title=Localized("share of the second's noise", "第二向量噪声比例")
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
            "strength", "float", 1.0, 0.05, 20.0, scale="log", title=Localized("strength of the second", "第二向量强度")
        ),
        Parameter("offset", "float", 0.0, -5.0, 5.0, 0.1, title=Localized("offset of the second", "第二向量偏移")),
        Parameter("dim", "int", 12, 4, 256, title=Localized("features a vector", "向量维数")),
        Parameter(
            "train_size", "int", 4096, 16, 65536, unit="samples", title=Localized("training samples", "训练样本数")
        ),
        Parameter("test_size", "int", 1000, 16, 16384, unit="samples", title=Localized("test samples", "测试样本数")),
        Parameter("seed", "int", 0, 0, 2**31 - 1, title=Localized("seed of the data", "数据种子")),
    )
    modalities = (
        ModalityEntry("x1", "features", title=Localized("first vector", "第一向量")),
        ModalityEntry("x2", "features", title=Localized("second vector", "第二向量")),
    )
    train_samples = "train_size"
    draws = True
    default_objective = "classification"
    default_fusion = "concat"
    defaults = {"epochs": 12}  # noqa: RUF012
    version = "2"

    @classmethod
    def load(cls, draw: int | None = None, **values: Any) -> Task:
        parameters = _Parameters(draw=draw, **values)
        train, test = _split(parameters, "train"), _split(parameters, "test")

        def corrupt(modality: str, severity: float, seed: int) -> Tensor:
            """More Gaussian noise, the same one growing with severity."""
            clean = test.inputs[modality]
            noise = torch.randn(clean.shape, generator=generator(seed, "corrupt", modality))
            scale = severity * _WORST * (parameters.strength if modality == "x2" else 1.0)
            return zero_absent({modality: clean + scale * noise}, test.present)[modality]

        def show(split: str, index: int) -> dict[str, Shown]:
            inputs = (train if split == "train" else test).inputs
            return {name: Vector(x[index]) for name, x in inputs.items()}

        return Task(
            name=cls.name,
            modalities={name: Modality("features", (parameters.dim,)) for name in _MODALITIES},
            train=train,
            test=test,
            classes=tuple(f"{c:04b}" for c in range(16)),
            chance=1 / 16,
            parts={name: _membership(bit) for bit, name in enumerate(PARTS)},
            shuffled=partial(_known, parameters),
            retrieval="class",
            samples=data_hash(cls, values),
            corrupt=corrupt,
            show=show,
            **_known(parameters),
        )


@dataclass(frozen=True)
class _Parameters:
    redundancy: float
    unique1: float
    unique2: float
    synergy: float
    label_noise: float
    train_noise: float
    test_noise: float
    x1_noise: float
    x2_noise: float
    train_missing: float
    test_missing: float
    strength: float
    offset: float
    dim: int
    train_size: int
    test_size: int
    seed: int
    draw: int | None = None

    def flips(self) -> tuple[float, ...]:
        """Each label bit's flip probability: `label_noise` at full presence, a coin at none."""
        e = self.label_noise
        return tuple(e + (0.5 - e) * (1 - getattr(self, name)) for name in _PARAMETERS)

    def coins_to_noise(self, noise: float, shuffled: str | None = None) -> tuple[float, float]:
        """How many deviations of each side's noise lie between a coin's mean and zero, along its own direction."""
        sigmas = (self.x1_noise * noise, self.x2_noise * noise)
        first, second = (math.sqrt(self.dim / 3) / sigma if sigma else math.inf for sigma in sigmas)
        return 0.0 if shuffled == "x1" else first, 0.0 if shuffled == "x2" else second


def _known(parameters: _Parameters, shuffled: str | None = None) -> dict[str, Any]:
    """What is true of such samples: bayes, bayes_parts, exact; with one side's samples shuffled, so that it tells nothing."""
    flips = parameters.flips()

    def kind(noise: float, missing: float) -> tuple[tuple[float, float], truth.Presence, tuple[float, ...]]:
        presence = truth.Presence.of(missing)
        return parameters.coins_to_noise(noise, shuffled), presence.apart() if shuffled else presence, flips

    kinds = {
        "train": kind(parameters.train_noise, parameters.train_missing),
        "test": kind(parameters.test_noise, parameters.test_missing),
        "complete": kind(parameters.train_noise, 0.0),
    }
    return {
        "bayes": truth.bayes(*kinds["test"]),
        "bayes_parts": dict(zip(PARTS, truth.bayes_parts(*kinds["test"]), strict=True)),
        "exact": {name: truth.information(*each) for name, each in kinds.items()},
    }


def _split(parameters: _Parameters, place: str) -> Split:
    count = parameters.train_size if place == "train" else parameters.test_size
    sigma = parameters.train_noise if place == "train" else parameters.test_noise
    missing = parameters.train_missing if place == "train" else parameters.test_missing
    draw = generator(source(parameters.seed, place, parameters.draw), place)
    outcome = _outcomes(count, draw)
    r, u1, u2, a, b = (outcome.unsqueeze(0) >> torch.arange(5).unsqueeze(1)) & 1  # (5, N)
    flipped = torch.stack([_spread(outcome, e, draw) for e in parameters.flips()])
    bits = torch.stack([r, u1, u2, a ^ b]) ^ flipped  # (4, N), the highest bit first
    target = (bits * torch.tensor([8, 4, 2, 1]).unsqueeze(1)).sum(0)
    inputs = {}
    for name, coins, share in (("x1", (r, u1, a), parameters.x1_noise), ("x2", (r, u2, b), parameters.x2_noise)):
        clean = (torch.stack(coins, 1) * 2.0 - 1) @ _frame(parameters, name)
        inputs[name] = clean + share * sigma * torch.randn(clean.shape, generator=draw)
    inputs["x2"] = parameters.strength * inputs["x2"] + parameters.offset
    present = drop({name: torch.ones(count, dtype=torch.bool) for name in inputs}, missing, draw)
    return Split(zero_absent(inputs, present), present, target, target.clone())


def _outcomes(count: int, draw: torch.Generator) -> Tensor:
    """(N,) outcomes 0..31 of the five coins, each as often as any other (or once more), in a random order.

    The odd ones out are every so many-th outcome, so that they favour no coin.
    """
    rest = count % 32
    extra = torch.arange(rest) * 32 // max(rest, 1)
    outcome = torch.cat([torch.arange(count - rest) % 32, extra])
    return outcome[torch.randperm(count, generator=draw)]


def _spread(outcome: Tensor, share: float, draw: torch.Generator) -> Tensor:
    """(N,) 0 or 1: `share` of each outcome's samples, give or take one, chosen at random (systematic sampling)."""
    order = (outcome + torch.rand(len(outcome), generator=draw)).argsort()
    begin = torch.rand((), generator=draw, dtype=torch.double)
    marks = (begin + share * torch.arange(len(outcome) + 1, dtype=torch.double)).floor().diff()
    return torch.zeros_like(outcome).index_copy(0, order, marks.long())


def _frame(parameters: _Parameters, name: str) -> Tensor:
    """(3, F) orthogonal rows of length sqrt(F / 3): a direction for each coin; a feature has variance 1 on average."""
    raw = torch.randn(parameters.dim, 3, generator=generator(parameters.seed, "frame", name), dtype=torch.double)
    result: Tensor = torch.linalg.qr(raw).Q.T.float() * math.sqrt(parameters.dim / 3)
    return result


def _membership(bit: int) -> Tensor:
    """(16, 2): which classes have this bit 0, which 1."""
    one = torch.tensor([(c >> (3 - bit)) & 1 for c in range(16)])
    return torch.stack([1 - one, one], 1).float()
