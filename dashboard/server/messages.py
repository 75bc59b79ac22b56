"""What WS /live/socket sends as text, as types. The browser's side is dashboard/live/static/messages.js; golden samples hold both."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from core.errors import Problem
from core.runs.types import Result, Status, ViewSet

Trouble = Literal["reading", "sending"]  # what cannot be done for the moment
GoneReason = Literal["deleted", "unknown"]  # why there is no run


class RunMessage(TypedDict):
    """What the run is; once more when its view set is known."""

    type: Literal["run"]
    run: str
    config: dict[str, Any] | None
    probe: ViewSet | None


class StatusMessage(Status):
    """status.json, and the place of a run that waits."""

    type: Literal["status"]


class RecordsMessage(TypedDict):
    """Whole lines of metrics.jsonl; after `reset` they begin again."""

    type: Literal["records"]
    text: str
    reset: bool


class FramesMessage(TypedDict):
    """The steps that have a picture."""

    type: Literal["frames"]
    steps: list[int]


class ResultMessage(Result):
    """result.json of a finished run."""

    type: Literal["result"]


class PicturesMessage(TypedDict):
    """Why no more pictures come; None when they do."""

    type: Literal["pictures"]
    problem: Problem | None


class TroubleMessage(TypedDict):
    """What cannot be done for the moment; None when it can again."""

    type: Literal["trouble"]
    what: Trouble | None
    reason: NotRequired[str | None]


class GoneMessage(TypedDict):
    """The last message of a run that is no more, or never was."""

    type: Literal["gone"]
    reason: GoneReason


class AliveMessage(TypedDict):
    """Nothing new, but the connection stands."""

    type: Literal["alive"]


Message = (
    RunMessage
    | StatusMessage
    | RecordsMessage
    | FramesMessage
    | ResultMessage
    | PicturesMessage
    | TroubleMessage
    | GoneMessage
    | AliveMessage
)
