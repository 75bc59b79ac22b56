"""What does the model say when modalities are absent, or noisy? Asked of the real model, for any combination of them.

    ?absent=audio&noise.image=40&sample=3

`absent` may stand there several times; `noise.<modality>` is a severity of 0 to 100 percent of the data set's own noise;
`sample` asks for the prediction of one of the samples that pictures show. The score is taken over all of these. With one
absent modality, or one noisy, it is the run's own table in result.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from core.errors import RunError
from core.serving.answers.base import AnswerKind, Query

if TYPE_CHECKING:
    from core.output import Batch
    from core.serving.loaded_run import LoadedRun

MOST = 16  # names in one question
LONGEST = 64  # characters of a name
NOISE = "noise."


class SampleAnswer(TypedDict):
    """What the model says of one sample ({"probability": of each class or label} or {"value": ...}), and the truth."""

    index: int
    prediction: dict[str, list[float]]
    target: int | list[float]


class MissingAnswer(TypedDict):
    """`score`, in `metric`, over `samples` samples, of the model after `step` updates."""

    metric: str
    score: float
    samples: int
    step: int
    sample: SampleAnswer | None


class Missing(AnswerKind):
    """Robustness: absent and noisy modalities."""

    name = "missing"

    def read(self, query: Query) -> dict[str, Any]:
        """{"absent": [modality, ...], "noise": {modality: percent}, "sample": position or None}"""
        known = {name for name in query if name in ("absent", "sample") or name.startswith(NOISE)}
        if odd := sorted(query.keys() - known):
            raise RunError("bad_question", reason=f"it has no {odd[0][:LONGEST]!r}")
        noise = {
            name.removeprefix(NOISE): _percent(values[-1]) for name, values in query.items() if name.startswith(NOISE)
        }
        absent = sorted(set(query.get("absent", ())))
        if len(absent) + len(noise) > MOST or any(len(name) > LONGEST for name in (*absent, *noise)):
            raise RunError("bad_question", reason="it is too long")
        sample = query["sample"][-1] if "sample" in query else None
        return {"absent": absent, "noise": noise, "sample": None if sample is None else _position(sample)}

    def answer(self, loaded: LoadedRun, values: dict[str, Any]) -> MissingAnswer:
        """The score over the view set, and the prediction of one sample where that was asked for."""
        from core.training import evaluation  # brings torch: only where it is answered

        state, sample = loaded.state, values["sample"]
        if not state.objective.predicts:
            raise RunError("no_prediction", name=loaded.name)
        batch = altered(loaded, values["absent"], values["noise"])
        if sample is not None and sample >= len(batch):
            raise RunError("no_such_sample", sample=sample, high=len(batch) - 1)
        prediction = evaluation.forward(state, batch).prediction
        assert prediction is not None
        target, one = state.objective.target, None
        if sample is not None:
            kept, truth = target.kept(prediction[sample : sample + 1], batch.rows(slice(sample, sample + 1)))
            values_of = {name: block[0].float().tolist() for name, block in kept.items()}
            one = SampleAnswer(index=sample, prediction=values_of, target=truth[0].tolist())
        score = float(target.score(prediction, batch))
        return MissingAnswer(metric=target.metric, score=score, samples=len(batch), step=loaded.step, sample=one)


def altered(loaded: LoadedRun, absent: list[str], noise: Mapping[str, float]) -> Batch:
    """The view set with more noise on some modalities and without others. RunError for names that the run does not have."""
    from dataclasses import replace

    from core.training import evaluation

    task, names = loaded.state.task, loaded.state.model.names
    for name in (*absent, *noise):
        if name not in names:
            raise RunError("no_such_modality", name=loaded.name, modality=name, choices=", ".join(names))
    if set(absent) >= set(names):
        raise RunError("all_absent", name=loaded.name)
    batch = evaluation.first(task.test)
    inputs, present = dict(batch.inputs), dict(batch.present)
    for name, percent in noise.items():
        if percent:
            noisy = task.corrupt(name, percent / 100, 0)[: len(batch)]
            inputs[name] = noisy.to(batch.target.device)
    for name in absent:
        inputs[name], present[name] = inputs[name].new_zeros(inputs[name].shape), present[name].new_zeros(len(batch))
    return replace(batch, inputs=inputs, present=present)


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise RunError("bad_question", reason=f"a noise of {text[:LONGEST]!r} is not between 0 and 100 percent")
    return value


def _position(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise RunError("bad_question", reason=f"{text[:LONGEST]!r} is no sample")
    return int(text)
