"""What the page of runs shows."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import RunError, brief
from core.runs import store
from dashboard.state.fields import name


def _run(text: str) -> None:
    if not store.is_run_id(text):
        raise RunError("bad_run_name", name=brief(text))


@dataclass(frozen=True)
class RunsState:
    """The run that is open; "" is none."""

    run: str = name("", _run)
