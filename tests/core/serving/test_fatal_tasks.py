"""A table that ends worker after worker is left alone, and its page says why."""

from __future__ import annotations

import time
from pathlib import Path

from core.compare.comparison import Comparison
from core.compare.files import read_problem
from core.serving.executor import Executor
from tests.core.serving.test_pool_protocol import MemoryPool


def test_a_table_that_ends_worker_after_worker_says_so(tmp_path: Path) -> None:
    pool, comparison = MemoryPool(), Comparison.make("interactions", ["concat", "sum"])
    executor = Executor(tmp_path, pool=pool)
    for _ in range(2):
        executor.tabulate(comparison)
        del pool.jobs["worker-1"]
        pool.on_message("worker-1", {"type": "ended", "key": "worker_killed", "values": {}})
    executor.tabulate(comparison)
    begun = time.monotonic()
    while "twice" not in read_problem(tmp_path, comparison):
        assert time.monotonic() - begun < 60
        time.sleep(0.01)
    assert not pool.jobs, "no third worker is given it"
    executor.close()
