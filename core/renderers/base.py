"""What every kind has: the sample that a person is shown, what is wrong with it, and how all of a modality are written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Entry = dict[str, Any]  # a modality's entry of index.json, plain JSON


class WrongShown(ValueError):
    """A sample that its kind cannot draw: what was expected and what is there, as formulas that need no language."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(f"expected {expected}, got {actual}")
        self.expected, self.actual = expected, actual


@dataclass(frozen=True)
class Files:
    """Where one modality's files go. Their names hold its place among the modalities, never its own name, which may be anything."""

    folder: Path
    modality: int  # its place, from 0

    def write(self, kind: str, suffix: str, data: bytes, part: int | None = None) -> str:
        """Write a file, or one of its parts, and return its name, such as "picture-0.png" or "clip-3-12.png"."""
        name = f"{kind}-{self.modality}{'' if part is None else f'-{part}'}{suffix}"
        (self.folder / name).write_bytes(data)
        return name


class Shown(ABC):
    """One modality of one sample, for a person. Subclass as a frozen dataclass and add a line to `core.renderers.RENDERERS`.

    Arrays may be numpy's or torch tensors of the CPU; nothing here imports torch.
    """

    kind: ClassVar[str]

    @abstractmethod
    def check(self) -> None:
        """Nothing, or WrongShown."""

    @classmethod
    @abstractmethod
    def write(cls, shown: Sequence[Self], files: Files) -> Entry:
        """Write what is shown of N samples and return what index.json says of it, all but `kind`."""


def numbers(values: npt.ArrayLike, expected: str, *dimensions: int) -> Array:
    """Finite numbers of one of these counts of dimensions, none of them empty; WrongShown otherwise."""
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise WrongShown(expected, type(values).__name__)
    if array.ndim not in dimensions or 0 in array.shape:
        raise WrongShown(expected, str(tuple(array.shape)))
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise WrongShown(expected, "NaN, ∞")
    return array


def positive_rate(rate: float) -> None:
    """WrongShown unless the rate is finite and above zero."""
    if not 0 < rate < float("inf"):
        raise WrongShown("rate > 0 Hz", f"{rate:g} Hz")
