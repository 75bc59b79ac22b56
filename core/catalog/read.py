"""What was read of one plug-in or one folder: its entry, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Read:
    """`source` says whose it is ("my-package 1.2", a folder), `name` which of its things."""

    shelf: str
    name: str
    source: str
    entry: dict[str, Any] | None = None
    reason: str = ""  # where there is no entry
