"""Another pool is one class: this one has no processes, and the executor does not notice."""

from __future__ import annotations

from pathlib import Path

from core.runs import store
from core.serving.executor import Executor
from core.serving.messages import Job
from core.serving.pool import OnMessage
from core.serving.tasks import estimate_task
from core.training.recorder import record
from tests.conftest import small_config


class MemoryPool:
    """A `WorkerPool` whose two workers work when a test says so, in the test's own thread."""

    count, broken = 2, False

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.stopping: set[str] = set()
        self.closed = False

    def start(self, on_message: OnMessage) -> None:
        self.on_message = on_message

    def devices(self) -> dict[str, str]:
        return {"worker-1": "cpu", "worker-2": "cpu"}

    def submit(self, place: str, job: Job) -> bool:
        if place not in self.devices():
            return False  # no projector, no answerer
        self.jobs[place] = job
        return True

    def prepare(self, place: str) -> None: ...

    def hurry(self) -> None: ...

    def stop(self, place: str, run: str) -> bool:
        self.stopping.add(run)
        return self.submit(place, self.jobs[place])

    def close(self) -> None:
        self.closed = True

    def work(self, place: str) -> None:
        job = self.jobs.pop(place)
        if job["type"] == "train":
            for folder in map(Path, job["folders"]):
                *_, last = record(folder, self.stopping.__contains__)
                self.on_message(place, {"type": "done", "run": folder.name, "status": last["status"], "message": ""})
        else:
            self.on_message(place, {"type": "made", "task": job["type"], "message": ""})


def test_runs_tasks_stops_and_ends_go_through_any_pool(tmp_path: Path) -> None:
    executor = Executor(tmp_path, pool=(pool := MemoryPool()))
    first, second, third = (executor.submit(small_config(seed=seed), "a").run for seed in (1, 2, 3))
    assert executor.ready and set(pool.jobs) == {"worker-1", "worker-2"} and executor.place(third).position == 1
    assert executor.stop(second, "a")
    for place in ("worker-1", "worker-2", "worker-1"):
        pool.work(place)
    states = [store.read_status(tmp_path / run)["status"] for run in (first, second, third)]
    assert states == ["finished", "stopped", "finished"] and not pool.jobs
    task = estimate_task(tmp_path, small_config())
    assert executor.ask(task) and executor.asking(task)
    pool.work("worker-1")
    assert not executor.asking(task)
    executor.submit(small_config(seed=2), "a")
    pool.on_message("worker-1", {"type": "ended", "key": "worker_killed", "values": {}})
    assert store.read_status(tmp_path / second)["status"] == "stopped"
    executor.close()
    assert pool.closed
