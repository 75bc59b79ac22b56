"""Which processor a run trains on: what a process with torch has reported, and until then what is read without torch.

The dashboard names runs and has no torch; its pool's workers have it, and say what `auto` is in them as soon as they are ready.
A card alone is not enough: torch must be built for CUDA, the driver must answer, and it must be as new as the build.
"""

from __future__ import annotations

import ctypes
import platform
import re
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_DRIVERS = {"Windows": "nvcuda.dll"}
_reported: str | None = None


@cache
def best() -> str:
    """What `auto` should stand for here, read from torch's files and the driver: "cuda", "mps" or "cpu"."""
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "mps"
    build = _cuda_of_torch()
    return "cuda" if build is not None and _cuda_of_driver() >= build else "cpu"


def report(kind: str | None) -> None:
    """From now on `auto` is this, as torch itself said in the process that trains; None: nobody has said so."""
    global _reported
    _reported = kind


def resolve(device: str) -> str:
    """ "auto" -> what was reported, or the best kind here; anything else as it is."""
    return (_reported or best()) if device == "auto" else device


def _cuda_of_torch() -> int | None:
    """The major version of CUDA that torch was built for, read from its files; None for a build without."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    try:
        text = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"^cuda\b.*=\s*['\"](\d+)\.", text, re.MULTILINE)
    return int(found[1]) if found else None


def _cuda_of_driver() -> int:
    """The major version of CUDA that the driver can run, 0 where there is no driver or no card that it can use."""
    try:
        driver = ctypes.CDLL(_DRIVERS.get(platform.system(), "libcuda.so.1"))
    except OSError:
        return 0
    count, version = ctypes.c_int(), ctypes.c_int()
    calls: tuple[Callable[[], int], ...] = (
        lambda: driver.cuInit(0),
        lambda: driver.cuDeviceGetCount(ctypes.byref(count)),
    )
    if any(call() != 0 for call in calls) or count.value == 0:
        return 0
    return version.value // 1000 if driver.cuDriverGetVersion(ctypes.byref(version)) == 0 else 0
