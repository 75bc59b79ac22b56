"""Interactions: two vectors whose every bit of shared, private and joint information is known exactly.

    r, u1, u2, a, b      fair coins
    x1 = Q1 [r, u1, a] + noise           (F,)   coins as -1 / +1, Q a fixed orthonormal frame
    x2 = strength * (Q2 [r, u2, b] + noise) + offset
    label = (r, u1, u2, a xor b), each bit flipped with a probability e of its own: 16 classes

The four bits do not meet, so the partial information decomposition (BROJA) of the label is exactly 1 - h(e) bits of
redundant, unique and synergistic information (Bertschinger et al. 2014, https://arxiv.org/abs/1311.2852). Accuracy per
bit then reads off what a method can use: whoever adds up what each side says alone can never see a xor b. Exact while
the feature noise is small against the coins (at the default .1 a coin is ten deviations wide).

Made here, no licence needed. The data have a seed of their own (`data.seed`), so that runs of different seeds train on
the same data and can be compared in pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.data.base import DataSet, Modality, Sense, Shown, Split, Task, data_hash, drop, zero_absent
from core.parameters import Parameter
from core.streams import generator

PARTS = ("redundant", "unique1", "unique2", "synergy")
_KNOBS = ("redundancy", "unique1", "unique2", "synergy")


class Interactions(DataSet):
    name = "interactions"
    title = "Interactions"
    idea = "Two vectors whose shared, private and joint information is known in bits."
    family = "generated"
    formula = r"y = (r,\; u_1,\; u_2,\; a \oplus b),\quad x_1 \ni r, u_1, a,\quad x_2 \ni r, u_2, b"
    paper = "https://arxiv.org/abs/1311.2852"
    knobs = (
        Parameter("redundancy", "float", 1.0, 0.0, 1.0, 0.05),
        Parameter("unique1", "float", 1.0, 0.0, 1.0, 0.05),
        Parameter("unique2", "float", 1.0, 0.0, 1.0, 0.05),
        Parameter("synergy", "float", 1.0, 0.0, 1.0, 0.05, basic=True),
        Parameter("label_noise", "float", 0.05, 0.0, 0.5, 0.01),
        Parameter("train_noise", "float", 0.1, 0.0, 3.0, 0.05, basic=True),
        Parameter("test_noise", "float", 0.1, 0.0, 3.0, 0.05, answers="now"),
        Parameter("train_missing", "float", 0.0, 0.0, 0.9, 0.05),
        Parameter("test_missing", "float", 0.0, 0.0, 0.9, 0.05, answers="now"),
        Parameter("strength", "float", 1.0, 0.05, 20.0, scale="log"),
        Parameter("offset", "float", 0.0, -5.0, 5.0, 0.1),
        Parameter("dim", "int", 12, 4, 256),
        Parameter("train_size", "int", 4096, 16, 65536, unit="samples"),
        Parameter("test_size", "int", 2000, 16, 16384, unit="samples"),
        Parameter("seed", "int", 0, 0, 2**31 - 1),
    )
    senses = (Sense("x1", "features"), Sense("x2", "features"))
    train_samples = "train_size"
    default_objective = "classification"
    default_fusion = "concat"
    defaults = {"epochs": 12}  # noqa: RUF012
    version = "1"

    @classmethod
    def load(cls, **parameters: Any) -> Task:
        knobs = _Knobs(**parameters)
        frames = {name: _frame(knobs, name) for name in ("x1", "x2")}
        train = _split(knobs, frames, "train")
        test = _split(knobs, frames, "test")
        flips = knobs.flips()
        parts = {name: _membership(bit) for bit, name in enumerate(PARTS)}

        def corrupt(modality: str, severity: float, seed: int) -> Tensor:
            """More Gaussian noise: severity 1 is three times the size of a coin."""
            clean = test.inputs[modality]
            scale = knobs.strength if modality == "x2" else 1.0
            noise = torch.randn(clean.shape, generator=generator(seed, "corrupt", modality))
            return (clean + 3.0 * severity * scale * noise) * test.present[modality].unsqueeze(1)

        def show(split: str, index: int) -> dict[str, Shown]:
            inputs = (train if split == "train" else test).inputs
            return {name: Shown(trace=x[index]) for name, x in inputs.items()}

        shape = (knobs.dim,)
        return Task(
            name=cls.name,
            modalities={name: Modality("features", shape) for name in ("x1", "x2")},
            train=train,
            test=test,
            classes=tuple(f"{c:04b}" for c in range(16)),
            chance=1 / 16,
            bayes=math.prod(1 - e for e in flips),
            parts=parts,
            bayes_parts={name: 1 - e for name, e in zip(PARTS, flips, strict=True)},
            information={name: 1 - _entropy(e) for name, e in zip(PARTS, flips, strict=True)},
            retrieval="class",
            samples=data_hash(cls, parameters),
            corrupt=corrupt,
            show=show,
        )


@dataclass(frozen=True)
class _Knobs:
    redundancy: float
    unique1: float
    unique2: float
    synergy: float
    label_noise: float
    train_noise: float
    test_noise: float
    train_missing: float
    test_missing: float
    strength: float
    offset: float
    dim: int
    train_size: int
    test_size: int
    seed: int

    def flips(self) -> tuple[float, ...]:
        """Each label bit's flip probability: `label_noise` at full presence, a coin at none."""
        e = self.label_noise
        return tuple(e + (0.5 - e) * (1 - getattr(self, name)) for name in _KNOBS)


def _frame(knobs: _Knobs, name: str) -> Tensor:
    """(3, F) orthonormal rows: each coin lies along a direction of its own, none along an axis."""
    raw = torch.randn(knobs.dim, 3, generator=generator(knobs.seed, "frame", name), dtype=torch.double)
    return torch.linalg.qr(raw).Q.T.float() * math.sqrt(knobs.dim / 3)


def _split(knobs: _Knobs, frames: dict[str, Tensor], place: str) -> Split:
    count = knobs.train_size if place == "train" else knobs.test_size
    noise, missing = (
        (knobs.train_noise, knobs.train_missing) if place == "train" else (knobs.test_noise, knobs.test_missing)
    )
    draw = generator(knobs.seed, place)
    r, u1, u2, a, b = (torch.rand(5, count, generator=draw) < 0.5).unbind(0)
    flipped = torch.rand(4, count, generator=draw) < torch.tensor(knobs.flips()).unsqueeze(1)
    bits = torch.stack([r, u1, u2, a ^ b]) ^ flipped  # (4, N), the highest bit first
    target = (bits.long() * torch.tensor([8, 4, 2, 1]).unsqueeze(1)).sum(0)
    coins = {"x1": torch.stack([r, u1, a], 1), "x2": torch.stack([r, u2, b], 1)}
    inputs = {}
    for name, coin in coins.items():
        clean = (coin.float() * 2 - 1) @ frames[name]
        inputs[name] = clean + noise * torch.randn(clean.shape, generator=draw)
    inputs["x2"] = knobs.strength * inputs["x2"] + knobs.offset
    present = drop({name: torch.ones(count, dtype=torch.bool) for name in inputs}, missing, draw)
    return Split(zero_absent(inputs, present), present, target, target.clone())


def _membership(bit: int) -> Tensor:
    """(16, 2): which classes have this bit 0, which 1."""
    one = torch.tensor([(c >> (3 - bit)) & 1 for c in range(16)])
    return torch.stack([1 - one, one], 1).float()


def _entropy(p: float) -> float:
    """Binary entropy in bits."""
    return 0.0 if p in (0.0, 1.0) else -p * math.log2(p) - (1 - p) * math.log2(1 - p)
