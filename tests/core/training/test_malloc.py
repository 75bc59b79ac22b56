"""A process that trains keeps what it frees, where the C library can; the next step then faults nothing in anew."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys, torch
from core.training import malloc
if sys.argv[1] == "keep":
    assert malloc.keep_freed()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        torch.ones(1 << 24).add_(1)  # 64 MB
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
for _ in range(3):
    found = faults()  # the first tensors still make the heap grow
resident = lambda: int(open("/proc/self/statm").read().split()[1])
kept = resident()
malloc.give_back()
print(found, kept - resident())
"""


def faults(how: str) -> tuple[int, int]:
    """Page faults of five large tensors, and the pages that were given back in the end."""
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True)
    found, returned = map(int, done.stdout.split())
    return found, returned


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep its memory")
def test_what_is_freed_is_kept_and_can_be_given_back() -> None:
    (kept, returned), (fresh, _) = faults("keep"), faults("as it comes")
    assert kept < fresh / 4
    assert returned * 4096 > 32 * 2**20


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.training import malloc

    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    malloc._glibc.cache_clear()
    try:
        assert malloc.keep_freed() is False
        malloc.give_back()
    finally:
        malloc._glibc.cache_clear()
