"""What a data set is: tensors by modality, which samples are pairs, and what is known about it exactly.

N samples, C classes. An absent modality is all zeros and `present` is False there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from core.catalog import sample_hash
from core.catalog.localized import UNTITLED, Localized
from core.catalog.parameters import Parameter, Value
from core.errors import FusionariumError, missing_method
from core.renderers import Shown
from core.seeding import stream_seed
from core.targets.classes import ClassTarget


class DataError(FusionariumError):
    """Data that cannot be trained on: which modality, what was expected, what is there."""


@dataclass(frozen=True)
class Modality:
    """One modality. `shape` is a sample's: image (1, H, W), audio (mels, frames), text (T,), features (F,)."""

    kind: str  # "image" | "audio" | "text" | "features"
    shape: tuple[int, ...]
    vocabulary: int = 0  # of text: token ids lie in [0, vocabulary), 0 pads


@dataclass(frozen=True)
class ModalityEntry:
    """A modality as the catalogue knows it; `when` names the Boolean parameter that adds an optional one."""

    name: str
    kind: str
    when: str = ""
    title: Localized = UNTITLED  # for people


@dataclass(frozen=True)
class Split:
    """N samples of the training or the test set."""

    inputs: dict[str, Tensor]  # modality -> (N, ...)
    present: dict[str, Tensor]  # modality -> (N,) bool
    target: Tensor  # (N,) int64
    pair: Tensor  # (N,) int64; equal ids belong together across modalities
    targets: dict[str, Tensor] = field(default_factory=dict)  # of targets beside the class: name -> (N, ...)

    def rows(self, rows: Tensor) -> Split:
        """Some of the samples, by position."""
        return Split(
            {name: x[rows] for name, x in self.inputs.items()},
            {name: x[rows] for name, x in self.present.items()},
            self.target[rows],
            self.pair[rows],
            {name: x[rows] for name, x in self.targets.items()},
        )

    def to(self, device: torch.device) -> Split:
        """The split on a device; itself where it lies there."""
        return Split(
            {name: x.to(device) for name, x in self.inputs.items()},
            {name: x.to(device) for name, x in self.present.items()},
            self.target.to(device),
            self.pair.to(device),
            {name: x.to(device) for name, x in self.targets.items()},
        )


@dataclass(frozen=True)
class HardNegative:
    """A test of what an embedding understands: for some test rows a wrong input that looks much like the right one.

    Asked is whether the other modalities lie closer to the true input than to the hard negative; chance is one half.
    """

    modality: str  # whose input is replaced
    rows: Tensor  # (R,) positions in the test split
    inputs: Tensor  # (R, ...) the hard negatives


@dataclass(frozen=True)
class ExactInformation:
    """What samples of one kind hold of their label, in bits, noise and absent modalities included.

    `parts`: part of the label -> kind ("redundant", "unique1", ...) -> bits; a part without noise tells of one kind alone.
    """

    parts: dict[str, dict[str, float]]
    prices: dict[str, float]  # part -> what the best jointly trained sum of logits must lose on it

    @property
    def price(self) -> float:
        """What the best jointly trained sum of logits must lose on the whole label."""
        return sum(self.prices.values())

    @property
    def own(self) -> dict[str, float]:
        """Part -> the bits of the kind that it is named after."""
        return {part: kinds.get(part, 0.0) for part, kinds in self.parts.items()}

    @property
    def beyond(self) -> dict[str, float]:
        """Kind -> the bits of it in parts of another name. With `own` it is the decomposition of the whole label."""
        return {
            kind: sum(kinds.get(kind, 0.0) for part, kinds in self.parts.items() if part != kind) for kind in self.parts
        }

    def data(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"own": self.own, "beyond": self.beyond, "prices": self.prices, "price": self.price}

    @property
    def rest(self) -> dict[str, float]:
        """Part -> the bits that it holds of other kinds."""
        return {part: sum(bits for kind, bits in kinds.items() if kind != part) for part, kinds in self.parts.items()}


@dataclass(frozen=True)
class Task:
    """A loaded data set. `parts` read a class as several small labels: name -> (C, K) membership."""

    name: str
    modalities: dict[str, Modality]
    train: Split
    test: Split
    classes: tuple[str, ...]
    chance: float
    retrieval: str  # "class": pairs are by class; "instance": pairs are real
    samples: str  # names the folder of what people see of the test split
    corrupt: Callable[[str, float, int], Tensor]  # (modality, severity 0..1, seed) -> noisier test inputs
    show: Callable[[str, int], dict[str, Shown]]  # (split, index) -> modality -> Picture(...), Sound(...), ...
    bayes: float | None = None  # as are bayes_parts: of samples such as the test split's
    parts: dict[str, Tensor] = field(default_factory=dict)
    bayes_parts: dict[str, float] = field(default_factory=dict)
    # "train", "test": of samples such as that split's; "complete": such as training samples that lack no modality
    exact: dict[str, ExactInformation] = field(default_factory=dict)
    shuffled: Callable[[str], Mapping[str, Any]] | None = None  # modality -> bayes, bayes_parts, exact without its word
    names: dict[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # target -> what the columns of its truth are called
    units: dict[str, tuple[str, ...]] = field(default_factory=dict)  # target -> the unit of each column, "" for none
    hard_negatives: dict[str, HardNegative] = field(default_factory=dict)
    labelled: bool = True

    @property
    def information(self) -> dict[str, float]:
        """Bits of each part in samples such as the training split's; {} where they are not known."""
        return self.exact["train"].own if "train" in self.exact else {}

    @property
    def price(self) -> float | None:
        """Bits that the best jointly trained sum of logits must lose on samples such as the training split's."""
        return self.exact["train"].price if "train" in self.exact else None

    def prior(self) -> tuple[float, ...]:
        """Each class's share of the training samples."""
        count = torch.bincount(self.train.target, minlength=len(self.classes)).double()
        return tuple((count / count.sum()).tolist())

    def to(self, device: torch.device) -> Task:
        """The task with its tensors on a device."""
        return replace(
            self,
            train=self.train.to(device),
            test=self.test.to(device),
            parts={name: m.to(device) for name, m in self.parts.items()},
            hard_negatives={
                n: replace(f, rows=f.rows.to(device), inputs=f.inputs.to(device))
                for n, f in self.hard_negatives.items()
            },
        )


class DataSet:
    """Subclass, fill in the class attributes, write `load`, add it to the table in `core/data/__init__.py`."""

    shelf: ClassVar[str] = "datasets"  # of the catalogue
    name: ClassVar[str]
    title: ClassVar[Localized | str] = ""  # in English alone, or in both languages
    idea: ClassVar[Localized | str] = ""  # one sentence
    family: ClassVar[str] = ""
    paper: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    modalities: ClassVar[tuple[ModalityEntry, ...]]
    titles: ClassVar[Mapping[str, Localized]] = {}  # of classes, columns, units and parts, by their names
    pairs: ClassVar[str] = "class"  # "class" | "instance" | "" for none
    targets: ClassVar[tuple[str, ...]] = (ClassTarget.name,)  # what can be predicted, of the table in core/targets
    encoders: ClassVar[
        Mapping[str, str]
    ] = {}  # modality or kind -> the encoder to begin with, where it is not the first
    train_samples: ClassVar[int | str]  # a number, or the name of the parameter that sets it
    default_objective: ClassVar[str] = "classification"
    default_fusion: ClassVar[str] = "concat"
    defaults: ClassVar[Mapping[str, Value]] = {}  # of the run's parameters: {"epochs": 20}
    draws: ClassVar[bool] = False  # whether `load` takes `draw`: which other training samples, the test samples staying
    version: ClassVar[str]  # changes whenever the same parameters give other tensors

    @classmethod
    def load(cls, **parameters: Any) -> Task:
        """The tensors for these parameters: deterministic, without a network, from generators of its own."""
        raise missing_method(cls, "load(cls, **parameters)")


def data_hash(dataset: type[DataSet], parameters: Mapping[str, Value]) -> str:
    """The folder of what people see of the test split."""
    return sample_hash(dataset.name, dataset.version, dict(parameters))


def source(seed: int, place: str, draw: int | None) -> int:
    """The seed of a split's random streams: the data's own, or for other training samples one named by `draw`."""
    return seed if place == "test" or draw is None else stream_seed(seed, "training data", str(draw))


def drop(present: dict[str, Tensor], share: float, generator: torch.Generator) -> dict[str, Tensor]:
    """Each modality goes missing in `share` of the samples, independently; the last one present always stays."""
    names = list(present)
    lost = torch.stack([torch.rand(len(present[name]), generator=generator) < share for name in names])
    keeper = torch.randint(len(names), (lost.shape[1],), generator=generator)
    lost[keeper, torch.arange(lost.shape[1])] &= ~lost.all(0)
    return {name: present[name] & ~gone for name, gone in zip(names, lost, strict=True)}


def zero_absent(inputs: dict[str, Tensor], present: dict[str, Tensor]) -> dict[str, Tensor]:
    """Inputs with zeros where the modality is absent."""
    return {n: x * present[n].view(-1, *[1] * (x.dim() - 1)).to(x.dtype) for n, x in inputs.items()}
