"""One queue, warm workers, and what happens when they die."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.compare import advice
from core.config import RunConfig
from core.runs import Runs, group_id, store
from core.serving import worker_process
from core.serving.executor import Executor
from core.serving.tasks import advice_task
from tests.conftest import small_config


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    """One warm worker for all tests of this file."""
    executor = Executor(tmp_path_factory.mktemp("runs"), workers=1)
    executor.start()
    until(lambda: executor.ready)
    yield executor
    executor.close()


def until(condition: Callable[[], object], seconds: float = 60) -> object:
    begun = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - begun < seconds
        time.sleep(0.02)
    return found


def worker_pid(executor: Executor) -> int:
    """Of the first worker's process."""
    process = executor.dispatcher.pool.slots.workers[0].process
    assert process is not None
    return process.popen.pid


def runs_at_work(executor: Executor) -> list[str]:
    """What the first worker trains."""
    work = executor.dispatcher.work.get("worker-1")
    return work.runs if work else []


def status(executor: Executor, run: str) -> str:
    return str(store.read_status(executor.runs.root / run)["status"])


def test_a_job_is_trained_rendered_and_reused(executor: Executor) -> None:
    ticket = executor.submit(small_config(seed=1), "a")
    assert ticket.action == "new"
    until(lambda: status(executor, ticket.run) == "finished")
    folder = executor.runs.root / ticket.run
    until(lambda: store.steps(folder, "projection") == store.steps(folder, "frames"))
    assert executor.submit(small_config(seed=1), "b").action == "reuse"


def test_first_come_first_served_with_a_place(executor: Executor) -> None:
    until(lambda: not executor.dispatcher.work)  # it tells a moment after the run's own status
    first = executor.submit(small_config(seed=2, epochs=200), "a").run
    second = executor.submit(small_config(seed=3), "a").run
    third = executor.submit(small_config(seed=4), "b").run
    assert executor.submit(small_config(seed=3), "b").action == "join"
    assert executor.place(second).position == 1 and executor.place(third).position == 2
    assert status(executor, third) == "queued" and executor.place(first) is None
    assert executor.stop(second, "a") is False, "somebody else still needs it"
    assert executor.stop(second, "b") is True and status(executor, second) == "stopped"
    executor.stop(first, "a")
    until(lambda: status(executor, third) == "finished")
    assert status(executor, first) == "stopped"


def test_a_stopped_run_goes_on(executor: Executor) -> None:
    config = small_config(seed=5, epochs=300)
    run = executor.submit(config, "a").run
    until(lambda: store.read_json(executor.runs.root / run / "status.json")["epoch"] >= 5)
    executor.stop(run, "a")
    until(lambda: status(executor, run) == "stopped")
    before = len(store.read_records(executor.runs.root / run))
    assert executor.submit(config, "a").action == "resume"
    until(lambda: len(store.read_records(executor.runs.root / run)) > before)
    executor.stop(run, "a")
    until(lambda: status(executor, run) == "stopped")


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems")
def test_a_killed_worker_is_replaced(executor: Executor) -> None:
    run = executor.submit(small_config(seed=6, epochs=900), "a").run
    until(lambda: store.read_json(executor.runs.root / run / "status.json")["status"] == "running")
    os.kill(worker_pid(executor), signal.SIGKILL)
    until(lambda: status(executor, run) == "stopped")
    until(lambda: store.read_status(executor.runs.root / run).get("error") == "worker_killed")
    assert "press Train" in store.read_status(executor.runs.root / run)["message"]
    next_run = executor.submit(small_config(seed=7), "a").run
    until(lambda: status(executor, next_run) == "finished")


def queued(executor: Executor, configs: list[RunConfig], owner: str = "a") -> tuple[str, list[str]]:
    """A run that keeps the worker busy, and these behind it."""
    busy = executor.submit(small_config(seed=100 + configs[0].seed, epochs=900), "busy").run
    until(lambda: executor.place(busy) is None)  # a run is finished a moment before its worker is free
    return busy, [executor.submit(config, owner).run for config in configs]


@pytest.mark.slow
def test_seeds_that_wait_are_trained_together_once_one_has_told_that_they_gain(executor: Executor) -> None:
    first = executor.submit(small_config(seed=20, epochs=4), "a").run
    until(lambda: status(executor, first) == "finished")
    mine = [small_config(seed=seed, epochs=4) for seed in (21, 22, 23)]
    busy, runs = queued(executor, [mine[0], small_config(seed=24, epochs=5), *mine[1:]])
    other = executor.submit(small_config(seed=25, epochs=5), "b").run
    late = executor.submit(small_config(seed=26, epochs=4), "a").run
    assert executor.place(runs[0]).position == 1 and executor.place(late).position == 6
    executor.stop(busy, "busy")
    until(lambda: all(status(executor, run) == "finished" for run in (*runs, other, late)))
    together = [store.read_result(executor.runs.root / run)["together"] for run in (first, *runs, other, late)]
    assert together == [1, 3, 1, 3, 3, 1, 1], "nobody's run is passed over, and another choice trains alone"
    folders = [executor.runs.root / run for run in runs]
    until(lambda: all(store.steps(folder, "projection") == store.steps(folder, "frames") for folder in folders))


def test_of_seeds_together_each_is_stopped_by_its_own_owner(executor: Executor) -> None:
    configs = [small_config(seed=seed, epochs=1000) for seed in (30, 31, 32)]  # longer than the test
    executor.dispatcher.queue.gaining.add(group_id(configs[0]))
    busy, runs = queued(executor, configs)
    executor.stop(busy, "busy")
    until(lambda: all(status(executor, run) == "running" for run in runs))
    assert executor.stop(runs[1], "a") is True
    until(lambda: status(executor, runs[1]) == "stopped")
    assert executor.submit(configs[1], "a").action == "resume"
    assert executor.place(runs[1]).position == 1 and status(executor, runs[0]) == "running"
    assert runs_at_work(executor) == [runs[0], runs[2]]
    for run in (runs[0], runs[2]):
        executor.stop(run, "a")
    until(lambda: runs_at_work(executor) == [runs[1]])
    executor.stop(runs[1], "a")
    until(lambda: not executor.dispatcher.work)
    assert [status(executor, run) for run in runs] == ["stopped"] * 3


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems")
def test_seeds_together_in_a_killed_worker_are_all_stopped_and_go_on(executor: Executor) -> None:
    configs = [small_config(seed=seed, epochs=300) for seed in (40, 41)]
    executor.dispatcher.queue.gaining.add(group_id(configs[0]))
    busy, runs = queued(executor, configs)
    executor.stop(busy, "busy")
    until(lambda: all((executor.runs.root / run / store.CHECKPOINT).exists() for run in runs))
    os.kill(worker_pid(executor), signal.SIGKILL)
    until(lambda: [status(executor, run) for run in runs] == ["stopped", "stopped"])
    assert [executor.submit(config, "a").action for config in configs] == ["resume", "resume"]
    until(lambda: all(status(executor, run) == "finished" for run in runs))


def test_a_worker_asks_what_the_data_say(executor: Executor) -> None:
    config = small_config(data__synergy=0)
    job = advice_task(executor.runs.root, config.dataset, config.data_settings)
    executor.ask(job)
    assert executor.asking(job)
    until(lambda: not executor.asking(job))
    found = advice.read(advice.place(executor.runs.root, config.dataset, config.data_settings))
    assert found and found["reason"] in advice.SENTENCES and advice.read(advice.record_place(executor.runs.root))


def test_a_full_folder_asks_first(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    executor.runs.open(small_config(seed=80))
    monkeypatch.setenv("FUSIONARIUM_DISK_MB", "0")
    with pytest.raises(Exception, match="--make-room"):
        executor.submit(small_config(seed=8), "a")


def test_a_run_deleted_while_waiting_is_passed_over(executor: Executor) -> None:
    first = executor.submit(small_config(seed=9, epochs=200), "a").run
    to_delete = executor.submit(small_config(seed=10), "a").run
    last = executor.submit(small_config(seed=11), "a").run
    executor.runs.delete(to_delete)
    executor.stop(first, "a")
    until(lambda: status(executor, last) == "finished")


@pytest.mark.slow
def test_closing_lets_workers_finish(tmp_path: Path) -> None:
    executor = Executor(tmp_path, workers=1)
    executor.start()
    until(lambda: executor.ready)
    run = executor.submit(small_config(seed=12, epochs=60), "a").run
    until(lambda: store.read_json(tmp_path / run / "status.json")["status"] == "running")
    executor.close()
    until(lambda: status(executor, run) == "finished")


@pytest.mark.slow
def test_workers_that_die_before_they_are_ready_are_replaced_and_then_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = Executor(tmp_path, workers=1, projects=False)
    monkeypatch.setattr(
        worker_process, "ENVIRONMENT", {**worker_process.ENVIRONMENT, "PYTHONPATH": str(tmp_path / "none")}
    )
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "torch.py").write_text("raise SystemExit('no such luck')")
    run = executor.submit(small_config(seed=13), "a").run
    until(lambda: executor.broken, 120)
    until(lambda: status(executor, run) == "stopped")
    assert store.read_status(tmp_path / run)["error"] == "no_worker"
    (tmp_path / "none" / "torch.py").unlink()
    assert executor.submit(small_config(seed=13), "a").action == "resume"
    until(lambda: status(executor, run) == "finished", 120)
    executor.close()


def test_what_a_dead_server_queued_is_stopped_for_the_next_one(tmp_path: Path) -> None:
    folder, _ = Runs(tmp_path).open(small_config(seed=14))
    status_file = folder / "status.json"
    store.write_json(status_file, {**store.read_json(status_file), "status": "queued"})
    executor = Executor(tmp_path, workers=1, projects=False)
    executor.start()
    assert status(executor, folder.name) == "stopped"
    until(lambda: store.read_json(status_file)["status"] == "stopped")
    executor.close()
