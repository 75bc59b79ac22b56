"""What the files of a run hold, as types: defined once for writers and readers. Plain data, no torch.

The browser's side of these is in dashboard/live/static; tests hold what is written, and what is sent, against them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, NotRequired, TypedDict


class RunState(StrEnum):
    """Where a run stands. Equal to its text, so it is written and compared as one."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


class Heartbeat(TypedDict):
    """A sign of life of the process that writes a run."""

    at: float  # seconds since 1970, when it was written
    every: float  # seconds between two of them
    host: str  # where the writer runs: there the lock is the proof


class QueuePlace(TypedDict):
    """Where a run stands in the queue: 1 is next; `seconds` is what those before it still need, where that is known."""

    position: int
    seconds: float | None


class Status(TypedDict):
    """status.json; a page and a socket are sent the same, with the `place` of a run that waits."""

    status: RunState
    step: NotRequired[int]  # optimiser steps done
    epoch: NotRequired[float]
    epochs: NotRequired[int]
    budget: NotRequired[float | None]  # seconds, where that was chosen instead of epochs
    seconds: NotRequired[float]  # spent training
    cpu_seconds: NotRequired[float]
    progress: NotRequired[float]  # 0..1
    seconds_left: NotRequired[float | None]
    together: NotRequired[int]  # seeds that it was trained together with, itself included
    message: NotRequired[str]  # why it ended, "" where there is nothing to say
    error: NotRequired[str | None]  # the key of that sentence (core/errors.py)
    values: NotRequired[dict[str, str]]  # what stands in it
    server: NotRequired[str | None]  # whose queue it waits in
    heartbeat: NotRequired[Heartbeat]
    place: NotRequired[QueuePlace | None]
    unwritten: NotRequired[bool]  # the disk was full: this status is in memory alone


class Modality(TypedDict):
    """A modality that the method looks at."""

    name: str
    kind: str


class ViewedTarget(TypedDict):
    """What is predicted, for its view (dashboard/live/static/targets/<view>.js); the rest is between that and the target."""

    name: str
    view: str
    names: NotRequired[list[str]]  # of classes, labels or columns
    truth: NotRequired[list[Any]]  # one entry per sample
    units: NotRequired[list[str]]  # of columns, "" for none
    range: NotRequired[list[list[float]]]  # of columns: least and greatest


class ViewSet(TypedDict):
    """probe.json: the fixed samples that every picture of a run shows. Parts of the label and their bits are those of data
    whose joint distribution is known; None or {} elsewhere."""

    modalities: list[Modality]
    classes: list[str]
    labels: list[int]
    target: NotRequired[ViewedTarget]  # absent in runs of before, which show the class
    index: list[int]  # which sample of the content each one is
    matrix: list[int]  # positions of the similarity matrix
    samples: str  # the content's hash
    chance: float | None
    chance_recall: NotRequired[float | None]
    bayes: NotRequired[float | None]
    bayes_parts: NotRequired[dict[str, float] | None]
    information: NotRequired[dict[str, float] | None]
    information_rest: NotRequired[dict[str, float] | None]
    information_of: NotRequired[Literal["test", "clean"]]
    retrieval: NotRequired[str]


class RecordHead(TypedDict):
    """What every line of metrics.jsonl begins with: where in training it is."""

    step: int  # optimiser steps done
    epoch: float
    seconds: float  # spent training


MetricRecord = dict[str, float]
"""A line of metrics.jsonl: a `RecordHead`, and metrics by name. These begin with

    train/         a mean loss since the last record, "train/loss" and one for each of its parts
    test/          a metric of the test split, at validation
    gradient/      the norm of the gradient that a modality's encoder got
    diagnostics/   a diagnostic's mean over the view set, "diagnostics/<diagnostic>/<modality>"

and what an update rule or a strategy logs as it names it ("weight/audio"). All are finite.
"""


class Diagnostics(TypedDict):
    """The last look at a trained model: {} where nothing is predicted."""

    shapley: NotRequired[dict[str, float]]  # by modality
    nobody: NotRequired[float]  # the score without any modality
    robustness: NotRequired[dict[str, dict[str, float]]]  # "missing" | "noise" -> modality -> area
    interaction: NotRequired[float]
    perceptual: NotRequired[dict[str, float]]


class Costs(TypedDict):
    """What a model costs, the same for every seed."""

    parameters: NotRequired[int]  # trainable
    flops: NotRequired[int]  # of one sample's forward pass
    bytes: NotRequired[int]  # that the backward pass of one sample keeps


Curves = dict[str, list[list[float]]]
"""modality -> [severity in %, score] rows"""


class Tables(TypedDict):
    """The score as one modality goes missing, or gets noisy: what a slider reads. {} where nothing is predicted."""

    missing: NotRequired[Curves]
    noise: NotRequired[Curves]


class ModelResult(Costs, Tables):
    """What the loop gives with its last step."""

    instruments: NotRequired[Diagnostics]


class KeptPredictions(TypedDict):
    """What of the test samples' predictions lies beside a result, and why not more."""

    kept: Literal["all", "scores", "nothing"]
    bytes: int
    reason: str


class Result(ModelResult):
    """result.json: what a finished run came to. Runs of before lack what was added later."""

    metrics: dict[str, float]
    seconds: NotRequired[float]
    cpu_seconds: NotRequired[float]
    together: NotRequired[int]
    gradient_share: NotRequired[dict[str, float]]  # by modality, the mean over the records
    predictions: NotRequired[KeptPredictions]


class Axis(TypedDict):
    """A diagnostic's means over the view set: a vector, or a matrix of two axes."""

    axes: list[list[str]]
    mean: list[Any]


class Block(TypedDict):
    """An array of a frame: `offset` bytes from the end of the header."""

    name: str
    dtype: Literal["uint8", "uint16", "int16", "float16", "float32"]
    shape: list[int]
    offset: int
    bytes: int


class SnapshotHeader(TypedDict):
    """Header of a file in `frames/`: embeddings of the view set."""

    kind: Literal["embedding"]
    step: int
    epoch: float
    epochs: int
    values: dict[str, float]
    diagnostics: dict[str, Axis]
    roles: NotRequired[dict[str, str]]  # of the blocks
    blocks: list[Block]


class Layout(TypedDict):
    """How far a layout can be believed; None where too few points are there to tell."""

    trustworthiness: float | None
    continuity: float | None
    relayout: bool
    neighbours: NotRequired[int]  # where it is not the usual number


class PictureHeader(TypedDict):
    """Header of a file in `projection/`: what a browser draws."""

    kind: Literal["projection"]
    step: int
    epoch: float
    epochs: int
    values: dict[str, float]
    diagnostics: dict[str, Axis]
    maps: dict[str, Layout]
    matrix_modalities: list[int]
    separability: NotRequired[float]  # 0..1, of the modalities
    roles: NotRequired[dict[str, str]]  # of the blocks that the evaluation gave, "" where it named none
    no_umap: NotRequired[Literal["warming", "few", "broken"]]
    not_finite: NotRequired[int]
    blocks: list[Block]
