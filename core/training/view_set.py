"""The fixed samples that every picture of a run shows, described once in `probe.json`."""

from __future__ import annotations

from typing import Any

import torch

from core.data.base import Task
from core.metrics.embedding import blind_recall
from core.targets import TARGETS, Target
from core.training.evaluation import PROBE

MATRIX = 128  # samples a side of the similarity matrix


def describe(task: Task, senses: tuple[str, ...] = (), target: Target | None = None) -> dict[str, Any]:
    """What a view needs to know of the probe set: the modalities that the method looks at, classes, labels, which samples
    fill the matrix, and what the view of the `target` is given (the class, where none is predicted)."""
    labels = task.test.target[:PROBE].tolist()
    among = (target.likeness(task.test) for target in TARGETS.values())
    alike = None if task.retrieval == "class" else next((rows for rows in among if rows is not None), None)
    like = None if alike is None else alike[:PROBE].tolist()
    return {
        "modalities": [
            {"name": name, "kind": m.kind} for name, m in task.modalities.items() if name in (senses or task.modalities)
        ],
        "classes": list(task.classes),
        "labels": labels,
        "target": _viewed(target or TARGETS["class"], task),
        "index": list(range(len(labels))),
        "matrix": matrix_positions(labels) if like is None else neighbours(like),
        "samples": task.samples,
        "chance": task.chance,
        "chance_recall": blind_recall(task.test.pair, task.test.present),
        "bayes": task.bayes,
        "bayes_parts": task.bayes_parts,
        **_information(task),
        "retrieval": task.retrieval,
    }


def _viewed(target: Target, task: Task) -> dict[str, Any]:
    """The target's name, the name of its view, and that view's data."""
    data = target.view_data(task, task.test.rows(torch.arange(min(PROBE, len(task.test.target)))))
    return {**data, "name": target.name, "view": target.view}


def _information(task: Task) -> dict[str, Any]:
    """Bits of each part of the label in samples such as the test split's, of its own kind and of others; whose bits they are.

    Before "information_of" was written these were the bits of data without noise in which nothing is missing.
    """
    if "test" not in task.exact:
        return {"information": {}}
    exact = task.exact["test"]
    return {"information": exact.own, "information_rest": exact.rest, "information_of": "test"}


def matrix_positions(labels: list[int]) -> list[int]:
    """At most MATRIX positions ordered by class, as many of each class as can be: ten blocks of the same height."""
    classes = sorted(set(labels))
    each = max(1, MATRIX // max(1, len(classes)))
    target = torch.tensor(labels)
    chosen: list[int] = []
    for label in classes:
        chosen += (target == label).nonzero().flatten()[:each].tolist()
    return chosen[:MATRIX]


def neighbours(labels: list[list[float]]) -> list[int]:
    """MATRIX positions at most, ordered by the labels that they have: like lies beside like, and partners on a diagonal."""
    return sorted(range(len(labels[:MATRIX])), key=lambda i: labels[i], reverse=True)
