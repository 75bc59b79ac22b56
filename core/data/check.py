"""Data are checked once, before work starts: one sentence that names the split, the modality, expected and actual."""

from __future__ import annotations

from torch import Tensor

from core.data.base import DataError, Modality, Split, Task


def check_task(task: Task) -> Task:
    """The task itself, or DataError."""
    for place, split in (("train", task.train), ("test", task.test)):
        _check_split(place, split, task)
    return task


def _check_split(place: str, split: Split, task: Task) -> None:
    count = len(split.target)
    if count == 0:
        raise DataError("empty_split", dataset=task.name, split=place)
    if list(split.inputs) != list(task.modalities):
        raise DataError(
            "wrong_modalities",
            dataset=task.name,
            split=place,
            expected=", ".join(task.modalities),
            actual=", ".join(split.inputs) or "-",
        )
    for name, modality in task.modalities.items():
        _check_modality(place, name, modality, split.inputs[name], count, task.name)
    low, high = int(split.target.min()), int(split.target.max())
    if low < 0 or high >= len(task.classes):
        raise DataError(
            "label_out_of_range",
            dataset=task.name,
            split=place,
            high=len(task.classes) - 1,
            actual=low if low < 0 else high,
        )


def _check_modality(place: str, name: str, modality: Modality, x: Tensor, count: int, dataset: str) -> None:
    where = {"dataset": dataset, "split": place, "modality": name}
    if len(x) != count:
        raise DataError("unequal_lengths", expected=count, actual=len(x), **where)
    if tuple(x.shape[1:]) != modality.shape:
        raise DataError("wrong_shape", expected=modality.shape, actual=tuple(x.shape[1:]), **where)
    if x.is_floating_point() and not bool(x.isfinite().all()):
        raise DataError("not_finite_data", actual=int((~x.isfinite()).sum()), **where)
    if modality.kind == "text" and (int(x.min()) < 0 or int(x.max()) >= modality.vocabulary):
        raise DataError("token_out_of_range", high=modality.vocabulary - 1, actual=int(x.max()), **where)
