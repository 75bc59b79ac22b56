"""Which processor a run trains on, decided without importing torch: the dashboard needs it to name a run."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import which


@cache
def best() -> str:
    """What `auto` stands for here: "cuda", "mps" or "cpu"."""
    try:
        build = version("torch")
    except PackageNotFoundError:
        return "cpu"
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "mps"
    has_card = Path("/dev/nvidia0").exists() or Path("/dev/dxg").exists() or which("nvidia-smi") is not None
    return "cuda" if has_card and "+cpu" not in build else "cpu"


def resolve(device: str) -> str:
    """ "auto" -> the best kind here; anything else as it is."""
    return best() if device == "auto" else device
