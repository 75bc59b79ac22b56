"""How many processors this process may use: those it is bound to, and what a container's quota leaves of them.

`os.cpu_count()` tells what the machine has. In a container with a quota of two on a machine of sixty-four, sixty-four
workers would only take turns. (`os.process_cpu_count` knows the binding, from Python 3.13 on, and no quota.)
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath


def usable(system: Path = Path("/")) -> int:
    """Whole processors, at least one. `system` is where proc and sys lie; a part of a processor counts as one, as in Go and the JVM."""
    quota = container_quota(system)
    return max(1, bound() if quota is None else min(bound(), math.ceil(quota)))


def bound() -> int:
    """Processors that this process is bound to (taskset, cpuset); all where the system does not tell."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def container_quota(system: Path = Path("/")) -> float | None:
    """Processors that the control groups of this process grant, the least of all of them; None where none limits it."""
    quotas = [quota for folder in _groups(system) if (quota := _quota(folder)) is not None]
    return min(quotas, default=None)


def _groups(system: Path) -> Iterator[Path]:
    """The folders of this process's control groups for processors, v2 and v1, and those above them."""
    try:
        lines = (system / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    mounts = system / "sys/fs/cgroup"
    for line in ["0::/", "0:cpu:/", *lines]:  # in a container the group's own folder is often mounted as the root
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        kinds = set(controllers.split(","))
        if kinds != {""} and "cpu" not in kinds:
            continue
        places = [mounts, mounts / "unified"] if kinds == {""} else [mounts / "cpu", mounts / "cpu,cpuacct"]
        below = PurePosixPath("/", path.strip().lstrip("/")).relative_to("/")
        for place in places:
            if ".." not in below.parts:
                yield from (place / part for part in (below, *below.parents))


def _quota(folder: Path) -> float | None:
    with suppress(OSError, ValueError, ZeroDivisionError):
        allowed, period = (folder / "cpu.max").read_text(encoding="utf-8").split()[:2]  # v2; "max" is no number
        return _share(allowed, period)
    with suppress(OSError, ValueError, ZeroDivisionError):
        allowed = (folder / "cpu.cfs_quota_us").read_text(encoding="utf-8")  # v1; -1 is none
        return _share(allowed, (folder / "cpu.cfs_period_us").read_text(encoding="utf-8"))
    return None


def _share(allowed: str, period: str) -> float | None:
    share = int(allowed) / int(period)
    return share if share > 0 else None
