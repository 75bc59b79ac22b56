"""How many processors a process may use, told from made-up systems."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.serving import cpus

MANY = 64


@pytest.fixture(autouse=True)
def _many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(MANY)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 128)


def system(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, MANY),
        ({"sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2),
        ({"sys/fs/cgroup/cpu.max": "max 100000\n"}, MANY),
        ({"sys/fs/cgroup/cpu.max": "50000 100000\n"}, 1),
        ({"sys/fs/cgroup/cpu.max": "150000 100000\n"}, 2),
        ({"sys/fs/cgroup/cpu.max": "9900000 100000\n"}, MANY),
        ({"sys/fs/cgroup/cpu.max": "nonsense\n"}, MANY),
        ({"sys/fs/cgroup/cpu.max": "100000 0\n"}, MANY),
        ({"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 3),
        ({"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, MANY),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/docker/abc\n2:memory:/docker/abc\n",
                "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "400000",
                "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "200000",
            },
            2,
        ),
        (
            {
                "proc/self/cgroup": "0::/kubepods/pod1/abc\n",
                "sys/fs/cgroup/kubepods/pod1/abc/cpu.max": "max 100000",
                "sys/fs/cgroup/kubepods/pod1/cpu.max": "500000 100000",
            },
            5,
        ),
        ({"proc/self/cgroup": "0::/../outside\n", "sys/fs/outside/cpu.max": "100000 100000"}, MANY),
    ],
)
def test_a_containers_quota_counts(files: dict[str, str], expected: int, tmp_path: Path) -> None:
    assert cpus.usable(system(tmp_path, files)) == expected


def test_processors_that_a_process_is_bound_to_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3}, raising=False)
    assert cpus.usable(tmp_path) == 1
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cpus.usable(tmp_path) == 128
