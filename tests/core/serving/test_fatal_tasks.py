"""A task that ends worker after worker is left alone, and its page says why."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.compare import advice, estimates
from core.compare.comparison import Comparison
from core.compare.files import read_problem
from core.runs import store
from core.serving import fatal_tasks
from core.serving.executor import Executor
from core.serving.messages import Task
from core.serving.tasks import advice_task, estimate_task
from tests.conftest import small_config
from tests.core.serving.test_pool_protocol import MemoryPool


def wait_until(condition: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < 60
        time.sleep(0.01)


def end_worker(pool: MemoryPool) -> None:
    del pool.jobs["worker-1"]
    pool.on_message("worker-1", {"type": "ended", "key": "worker_killed", "values": {}})


def test_a_table_that_ends_worker_after_worker_says_so(tmp_path: Path) -> None:
    pool, comparison = MemoryPool(), Comparison.make("interactions", ["concat", "sum"])
    executor = Executor(tmp_path, pool=pool)
    for _ in range(2):
        executor.tabulate(comparison)
        end_worker(pool)
    executor.tabulate(comparison)
    wait_until(lambda: "twice" in read_problem(tmp_path, comparison))
    assert not pool.jobs, "no third worker is given it"
    executor.close()


@pytest.mark.parametrize("kind", ["estimate", "advise"])
def test_a_page_that_waits_for_a_figure_reads_why_none_comes(tmp_path: Path, kind: str) -> None:
    config = small_config()
    tasks: dict[str, tuple[Task, Path]] = {
        "estimate": (estimate_task(tmp_path, config), estimates.place(tmp_path, config)),
        "advise": (
            advice_task(tmp_path, config.dataset, config.data_settings),
            advice.place(tmp_path, config.dataset, config.data_settings),
        ),
    }
    task, path = tasks[kind]
    executor = Executor(tmp_path, pool=(pool := MemoryPool()))
    for _ in range(2):
        executor.ask(task)
        assert executor.asking(task) and not path.exists()
        end_worker(pool)
    executor.ask(task)
    wait_until(path.exists)
    assert store.read_json(path)["problem"]["error"] == "task_ends_workers"
    assert not pool.jobs and not executor.asking(task), "no third worker is given it"
    executor.close()


def test_a_new_server_lets_estimates_be_requested_once_more(tmp_path: Path) -> None:
    fatal, other, good = (estimates.place(tmp_path, small_config(epochs=epochs)) for epochs in (1, 2, 3))
    fatal_tasks.write_problem(estimate_task(tmp_path, small_config(epochs=1)))
    store.write_json(other, {"problem": {"message": "", "error": "no_cuda", "values": {}}})
    store.write_json(good, {"seconds": 1.0})
    fatal_tasks.forget(tmp_path)
    assert not fatal.exists() and other.exists() and good.exists()
