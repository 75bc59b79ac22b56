"""Where cost estimates are stored: <runs>/comparisons/estimates/<choice>.json, one for all seeds of a choice. Torch-free."""

from __future__ import annotations

from pathlib import Path

from core.compare.files import FOLDER
from core.config import RunConfig
from core.runs import group_id


def folder(root: Path) -> Path:
    """Where all of them lie, whether it is there or not."""
    return root / FOLDER / "estimates"


def place(root: Path, config: RunConfig) -> Path:
    """The file of what a run of this config costs, whether it is there or not."""
    return folder(root) / f"{group_id(config)}.json"
