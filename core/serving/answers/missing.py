"""What does the model say when modalities are missing, or noisy? Asked of the real model, for any combination of them.

    ?missing.audio=37&noise.image=40&sample=3

`missing.<modality>` is the percentage of samples that lack it, `noise.<modality>` a severity of 0 to 100 percent of the data
set's own noise; `sample` asks for the prediction of one of the samples that pictures show. The score is taken over all of
these. With one modality altered, at a severity of the run's own table in result.json, it is that table's score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from core.errors import RunError
from core.serving.answers.base import AnswerKind, Query

if TYPE_CHECKING:
    from torch import Tensor

    from core.output import Batch
    from core.serving.loaded_run import LoadedRun
    from core.targets.base import Target

MOST = 16  # names in one question
LONGEST = 64  # characters of a name
ALTERED = ("missing", "noise")


class SampleAnswer(TypedDict):
    """What the model says of one sample ({"probability": of each class or label} or {"value": ...}), and the truth."""

    index: int
    prediction: dict[str, list[float]]
    target: int | list[float]


class MissingAnswer(TypedDict):
    """`score`, in `metric`, over `samples` samples, of the model after `step` updates.

    `changed`: of how many samples another class is predicted than with everything there; None where no classes are.
    """

    metric: str
    score: float
    samples: int
    changed: int | None
    step: int
    sample: SampleAnswer | None


class Missing(AnswerKind):
    """Robustness: missing and noisy modalities."""

    name = "missing"

    def read(self, query: Query) -> dict[str, Any]:
        """{"missing": {modality: percent}, "noise": {modality: percent}, "sample": position or None}"""
        altered: dict[str, dict[str, float]] = {kind: {} for kind in ALTERED}
        for name, values in query.items():
            kind, _, modality = name.partition(".")
            if name != "sample" and not (kind in altered and modality):
                raise RunError("bad_question", reason=f"it has no {name[:LONGEST]!r}")
            if name != "sample":
                altered[kind][modality] = _percent(values[-1])
        names = [modality for kind in ALTERED for modality in altered[kind]]
        if len(names) > MOST or any(len(name) > LONGEST for name in names):
            raise RunError("bad_question", reason="it is too long")
        return {**altered, "sample": _position(query["sample"][-1]) if "sample" in query else None}

    def answer(self, loaded: LoadedRun, values: dict[str, Any]) -> MissingAnswer:
        """The score over the view set, and the prediction of one sample where that was asked for."""
        from core.training import evaluation  # brings torch: only where it is answered

        state, sample = loaded.state, values["sample"]
        if not state.objective.predicts:
            raise RunError("no_prediction", name=loaded.name)
        batch = altered(loaded, values["missing"], values["noise"])
        if sample is not None and sample >= len(batch):
            raise RunError("no_such_sample", sample=sample, high=len(batch) - 1)
        prediction = evaluation.forward(state, batch).prediction
        assert prediction is not None
        target = state.objective.target
        score = float(target.score(prediction, batch))
        if not math.isfinite(score):
            raise RunError("no_answer", name=loaded.name, reason=f"its {target.metric} is {score}")
        return MissingAnswer(
            metric=target.metric,
            score=score,
            samples=len(batch),
            changed=_changed(loaded, target, prediction),
            step=loaded.step,
            sample=None if sample is None else _sample(target, prediction, batch, sample),
        )


def altered(loaded: LoadedRun, missing: Mapping[str, float], noise: Mapping[str, float]) -> Batch:
    """The view set with more noise on some modalities, and without others in some samples (percentages, both). RunError for
    names that the run does not have."""
    from core.training import alterations

    task, names, batch = loaded.state.task, loaded.state.model.names, loaded.view_set
    for name in (*missing, *noise):
        if name not in names:
            raise RunError("no_such_modality", name=loaded.name, modality=name, choices=", ".join(names))
    for name, percent in noise.items():
        batch = alterations.noisier(batch, task, name, percent / 100)
    for name, percent in missing.items():
        batch = alterations.without(batch, task, name, percent / 100)
    return batch


def _changed(loaded: LoadedRun, target: Target, prediction: Tensor) -> int | None:
    if not target.names_classes:
        return None
    return int((prediction.argmax(1) != loaded.prediction.argmax(1)).sum())


def _sample(target: Target, prediction: Tensor, batch: Batch, index: int) -> SampleAnswer:
    rows = slice(index, index + 1)
    kept, truth = target.kept(prediction[rows], batch.rows(rows))
    values = {name: block[0].float().tolist() for name, block in kept.items()}
    return SampleAnswer(index=index, prediction=values, target=truth[0].tolist())


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise RunError("bad_question", reason=f"{text[:LONGEST]!r} is not between 0 and 100 percent")
    return value


def _position(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise RunError("bad_question", reason=f"{text[:LONGEST]!r} is no sample")
    return int(text)
