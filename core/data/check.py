"""Data are checked once, before training starts; an error names the split, the modality, the expected and the actual value."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from core.data.base import DataError, Modality, Split, Task
from core.renderers import RENDERERS, Shown, WrongShown

LOOKS = 8  # test samples that are shown before training; all are when they are written, after it


def check_task(task: Task) -> Task:
    """The task itself, or DataError."""
    for place, split in (("train", task.train), ("test", task.test)):
        _check_split(place, split, task)
    count = len(task.test.target)
    shown_samples(task, sorted({k * (count - 1) // (LOOKS - 1) for k in range(LOOKS)}))
    return task


def shown_samples(task: Task, rows: Iterable[int]) -> list[dict[str, Shown]]:
    """What a person is shown of these test samples: of every modality one kind of thing, fit to be drawn; DataError otherwise."""
    made: list[dict[str, Shown]] = []
    for i in rows:
        made.append(task.show("test", i) or {})
        for name in task.modalities:
            _check_shown(task.name, name, i, made[-1].get(name), type(made[0].get(name)))
    return made


def _check_shown(dataset: str, modality: str, index: int, one: object, kind: type) -> None:
    where = {"dataset": dataset, "modality": modality, "index": index}
    kinds = ", ".join(renderer.__name__ for renderer in RENDERERS.values())
    if one is None:
        raise DataError("shows_nothing", kinds=kinds, **where)
    try:
        if not isinstance(one, Shown):
            raise WrongShown(kinds, type(one).__name__)
        if type(one) is not kind:
            raise WrongShown(kind.__name__, type(one).__name__)
        one.check()
    except WrongShown as wrong:
        raise DataError("wrong_shown", expected=wrong.expected, actual=wrong.actual, **where) from wrong


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
