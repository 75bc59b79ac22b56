"""Memory of a process that trains: freed blocks are kept for the next step.

glibc gives every freed block of more than 32 MB back to the system and faults it in again, page by page, at the next step: up to
two fifths of the CPU time of a large convolution. Kept, they cost nothing; `give_back` returns them between two runs.
Elsewhere (musl, macOS, Windows) nothing is done. The numbers of the options are those of glibc's malloc.h.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # options of mallopt
LARGEST = 2**31 - 1  # that its int argument holds


def keep_freed() -> bool:
    """From now on this process keeps what it frees. False where the C library is not glibc."""
    libc = _glibc()
    return libc is not None and bool(libc.mallopt(MMAP_MAX, 0)) and bool(libc.mallopt(TRIM_THRESHOLD, LARGEST))


def give_back() -> None:
    """Return what is free to the system now."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
