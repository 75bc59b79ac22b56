"""What the server and its processes send each other: one JSON object a line, `type` says which. Written once, used by both.

server -> worker      Train, Stop, a Task
worker -> server      Ready, RunDone, TaskDone
server -> projector   Watch
projector -> server   Ready, UmapState, ProjectionFailed
server -> answerer    Question
answerer -> server    Ready, Answer
pool -> dispatcher    Ended: a process is gone
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from core.errors import Problem
from core.runs.types import RunState
from core.schema import conforms


class Train(TypedDict):
    """Train the runs of these folders: one, or seeds of one choice together."""

    type: Literal["train"]
    folders: list[str]


class Stop(TypedDict):
    """End this run at its next record, with a checkpoint."""

    type: Literal["stop"]
    run: str


class TableTask(TypedDict):
    """Make the table of a comparison's folder."""

    type: Literal["compare"]
    folder: str


class AdviceTask(TypedDict):
    """Write what the advisor reads off these data."""

    type: Literal["advise"]
    runs: str
    dataset: str
    data: dict[str, Any]


class EstimateTask(TypedDict):
    """Write what a run of this config costs."""

    type: Literal["estimate"]
    runs: str
    config: dict[str, Any]


Task = TableTask | AdviceTask | EstimateTask


class Watch(TypedDict):
    """Render the projection of this run as its snapshots come."""

    type: Literal["watch"]
    folder: str


class Question(TypedDict):
    """Ask a run's model: `kind` is a line of `core/serving/answers`, `values` its arguments."""

    type: Literal["question"]
    id: int
    kind: str
    folder: str
    values: dict[str, Any]


Job = Train | Stop | Task | Watch | Question


class Ready(TypedDict):
    """The process takes jobs. `device` is what "auto" stands for in it."""

    type: Literal["ready"]
    device: str


class RunDone(TypedDict):
    """A run is over. `together`: whether its other seeds would be trained sooner together; of one that trained alone."""

    type: Literal["done"]
    run: str
    status: RunState
    message: str
    together: NotRequired[bool]


class TaskDone(TypedDict):
    """A task is over; `message` is why it came to nothing, "" where it did not."""

    type: Literal["made"]
    task: str
    message: str


class UmapState(TypedDict):
    """Whether UMAP's kernels are compiled; `reason` where they cannot be."""

    type: Literal["umap"]
    ready: bool
    reason: str


class ProjectionFailed(TypedDict):
    """No more pictures of this run, and why."""

    type: Literal["failed"]
    run: str
    error: Problem


class Answer(TypedDict):
    """To the question with this id: `answer`, or `error` where there is none."""

    type: Literal["answer"]
    id: int
    answer: NotRequired[dict[str, Any]]
    error: NotRequired[Problem]


class Ended(TypedDict):
    """A process of the pool is gone: key and values of an error (core/errors.py)."""

    type: Literal["ended"]
    key: str
    values: dict[str, Any]


Message = Ready | RunDone | TaskDone | UmapState | ProjectionFailed | Answer | Ended
MESSAGES: dict[str, type] = {
    "ready": Ready,
    "done": RunDone,
    "made": TaskDone,
    "umap": UmapState,
    "failed": ProjectionFailed,
    "answer": Answer,
}


def parse(value: object) -> Message | None:
    """What a process wrote, if it is one of these messages; None for a library's chatter."""
    kind = value.get("type") if isinstance(value, dict) else None
    shape = MESSAGES.get(kind) if isinstance(kind, str) else None
    return value if shape is not None and conforms(value, shape) else None  # type: ignore[return-value]
