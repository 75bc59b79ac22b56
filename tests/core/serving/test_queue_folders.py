"""What the queue does to run folders, and that nobody waits for a disk: without a single worker."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.compare.comparison import Comparison
from core.errors import RunError
from core.runs import Runs, run_id, store
from core.runs import files as run_files
from core.serving.executor import Executor, Limits
from core.serving.local_pool import LocalPool
from core.serving.queue_folders import QueueFolders
from tests.conftest import SMALL, small_config


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalPool, "_start", lambda self, slot: None)


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[Executor]:
    executor = Executor(tmp_path, workers=1)
    yield executor
    executor.close()


def until(condition: Callable[[], object], seconds: float = 60) -> object:
    begun = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - begun < seconds
        time.sleep(0.01)
    return found


def status(root: Path, run: str) -> dict[str, Any]:
    return store.read_status(root / run)


def large_comparison() -> Comparison:
    names = ["concat", "gated", "tensor", "sum", "late_average", "product"]
    return Comparison.make("interactions", names, seeds=10, settings={**SMALL})


def test_each_servers_waiting_runs_are_its_own(tmp_path: Path) -> None:
    first, second = Executor(tmp_path, workers=1), Executor(tmp_path, workers=1)
    mine, yours = first.submit(small_config(seed=1)).run, second.submit(small_config(seed=2)).run
    assert second.submit(small_config(seed=1), "b").action == "join", "another server will train it"
    assert first.place(mine).position == 1 and second.place(mine) is None
    first.close()
    assert status(tmp_path, mine)["status"] == "stopped" and status(tmp_path, yours)["status"] == "queued"
    third = Executor(tmp_path, workers=1)
    third.start()
    until(lambda: store.read_json(tmp_path / mine / "status.json")["status"] == "stopped")
    assert status(tmp_path, yours)["status"] == "queued", "only what dead servers left is forgotten"
    assert third.submit(small_config(seed=1)).action == "resume"
    second.close()
    third.close()
    assert status(tmp_path, yours)["status"] == "stopped"
    assert not list(tmp_path.glob("executor-*.lock"))


def test_locks_of_dead_servers_are_swept(tmp_path: Path) -> None:
    (tmp_path / "executor-0123abcd.lock").touch()
    (tmp_path / "executor-notes.lock").touch()
    living = Executor(tmp_path, workers=1)
    living.start()
    until(lambda: not (tmp_path / "executor-0123abcd.lock").exists())
    other = Executor(tmp_path, workers=1)
    other.start()
    until(lambda: other.dispatcher.folders.server)
    time.sleep(0.1)
    assert store.is_held(store.server_lock(tmp_path, living.dispatcher.folders.server))
    assert (tmp_path / "executor-notes.lock").exists()
    living.close()
    other.close()


@pytest.mark.parametrize("server", [None, "", "../../x", "0123ABCD", 7, ["0123abcd"]])
def test_what_an_older_version_queued_hangs_on_the_one_lock_it_knew(server: object, tmp_path: Path) -> None:
    from filelock import FileLock

    folder, _ = Runs(tmp_path).open(small_config())
    store.write_json(folder / "status.json", {"status": "queued"} | ({} if server is None else {"server": server}))
    assert status(tmp_path, folder.name)["status"] == "stopped"
    with FileLock(tmp_path / store.EXECUTOR_LOCK):
        assert status(tmp_path, folder.name)["status"] == "queued"


@pytest.mark.parametrize("damage", ["{", "[]", '{"status": "queued", "server": {}}', "\x00", '{"status": 7}'])
def test_a_broken_folder_stops_no_server(damage: str, tmp_path: Path) -> None:
    for name in ("0123456789ab", "ffffffffffff"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status.json").write_text(damage)
        (tmp_path / name / "config.json").write_text("[" * 100_000)
    executor = Executor(tmp_path, workers=1)
    run = executor.submit(small_config()).run
    assert status(tmp_path, run)["status"] == "queued" and executor.place(run).position == 1
    executor.close()


def test_a_folder_that_cannot_be_held_is_said_and_tried_again(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = executor.dispatcher.folders.hold

    def bad() -> None:
        raise RunError("unwritable_runs", path="here", reason="for a moment")

    monkeypatch.setattr(executor.dispatcher.folders, "hold", bad)
    executor.start()
    with pytest.raises(RunError, match="for a moment"):
        executor.submit(small_config())
    monkeypatch.setattr(executor.dispatcher.folders, "hold", good)
    assert status(executor.runs.root, executor.submit(small_config()).run)["status"] == "queued"


@pytest.fixture
def watched(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Which threads touch files of runs; a touch under the lock that the event loop wants is an error."""
    touched: dict[str, list[str]] = {}
    trouble: list[str] = []
    for module, name in ((store, "write_atomic"), (run_files, "opened"), (store, "is_held"), (store, "size")):
        real = getattr(module, name)

        def guard(*values: Any, real: Any = real, name: str = name, **more: Any) -> Any:
            touched.setdefault(threading.current_thread().name, []).append(name)
            if executor.dispatcher.lock._is_owned():
                trouble.append(name)
            return real(*values, **more)

        monkeypatch.setattr(module, name, guard)
    touched["under the lock"] = trouble
    return touched


def test_nothing_of_a_folder_is_touched_under_the_lock_nor_for_a_place(
    executor: Executor, watched: dict[str, list[str]]
) -> None:
    for seed in range(3):
        executor.submit(small_config(seed=seed), "a")
    comparison = large_comparison()
    runs = executor.compare(comparison, "a")
    executor.tabulate(comparison)
    until(lambda: not any(executor.unopened(run) for run in runs))
    mine = watched["MainThread"].copy()
    for run in runs:
        assert executor.place(run) and executor.picture_problem(run) is None and executor.owners(run) == {"a"}
    assert watched["MainThread"] == mine, "a place is told from memory"
    for run in runs:
        executor.stop(run, "a")
    assert watched["under the lock"] == []


def test_a_comparison_of_eighty_runs_is_answered_when_the_first_is_there(
    executor: Executor, watched: dict[str, list[str]]
) -> None:
    executor.start()
    before = len(watched.get("MainThread", []))
    runs = executor.compare(large_comparison(), "a")
    mine = watched["MainThread"][before:]
    assert len(runs) == 80 and mine.count("write_atomic") <= 4, mine
    assert all(executor.place(run).position == place for place, run in enumerate(runs, 1)), "in line at once, all"
    assert status(executor.runs.root, runs[0])["status"] == "queued"
    until(lambda: not any(executor.unopened(run) for run in runs))
    assert all(status(executor.runs.root, run)["status"] == "queued" for run in runs)
    assert watched["executor-clerk"].count("write_atomic") >= 79 * 2


def test_a_slow_disk_keeps_no_place_waiting(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    first = executor.submit(small_config(seed=1), "a").run
    real, slow, seen = store.write_atomic, threading.Event(), threading.Event()

    def write(path: Path, data: bytes, **how: bool) -> None:
        seen.set()
        assert slow.wait(60)
        real(path, data, **how)

    monkeypatch.setattr(store, "write_atomic", write)
    other = threading.Thread(target=executor.submit, args=(small_config(seed=2), "b"))
    other.start()
    assert seen.wait(20)
    assert executor.place(first).position == 1 and executor.owners(first) == {"a"}
    executor.dispatcher.dispatch()
    slow.set()
    other.join(20)
    assert executor.place(run_id(small_config(seed=2))).position == 2


def test_what_is_stopped_before_it_has_a_folder_gets_none(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Callable[[], None]] = []
    monkeypatch.setattr(executor.dispatcher.clerk, "do", kept.append)
    configs = [small_config(seed=seed) for seed in range(4)]
    runs = executor.submit_all(configs, "a")
    assert executor.unopened(runs[1]) == {"status": "queued"} and executor.unopened(runs[0]) is None
    assert executor.stop(runs[1], "a") and executor.unopened(runs[1]) is None
    again = executor.submit_all([configs[2]], "b")
    assert again == [runs[2]] and executor.owners(runs[2]) == {"a", "b"}
    for job in kept:
        job()
    assert not (executor.runs.root / runs[1]).exists()
    assert [executor.place(run).position for run in (runs[0], *runs[2:])] == [1, 2, 3]


def test_a_folder_that_cannot_be_made_is_told_by_its_run(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    configs = [small_config(seed=seed) for seed in range(3)]
    real = Runs.open

    def full(self: Runs, config: Any, again: bool = False) -> Any:
        if config.seed == 1:
            raise RunError("disk_full", path=self.root)
        return real(self, config, again)

    monkeypatch.setattr(Runs, "open", full)
    runs = executor.submit_all(configs, "a")
    until(lambda: not any((executor.unopened(run) or {}).get("status") == "queued" for run in runs))
    assert executor.unopened(runs[1])["error"] == "disk_full" and executor.place(runs[1]) is None
    assert executor.place(runs[2]).position == 2
    monkeypatch.undo()
    monkeypatch.setattr(LocalPool, "_start", lambda self, slot: None)
    executor.submit(configs[1], "a")
    assert executor.unopened(runs[1]) is None and executor.place(runs[1]).position == 3


def test_limits_hold_for_the_executor(tmp_path: Path) -> None:
    executor = Executor(tmp_path, workers=1, limits=Limits(each=2, all=3))
    one = executor.submit(small_config(seed=101), "a").run
    executor.compare(large_comparison(), "a")
    with pytest.raises(RunError) as refused:
        executor.submit_all([small_config(seed=102), small_config(seed=103)], "a")
    assert refused.value.key == "too_many_requests"
    assert not (tmp_path / run_id(small_config(seed=102))).exists()
    executor.submit(small_config(seed=102), "b")
    with pytest.raises(RunError) as full:
        executor.submit(small_config(seed=103), "b")
    assert full.value.key == "queue_full"
    executor.submit(small_config(seed=104), "teacher", unlimited=True)
    executor.stop(run_id(small_config(seed=104)), "teacher")
    executor.stop(one, "a")
    executor.submit(small_config(seed=103), "a")
    executor.close()


def test_what_is_finished_may_be_asked_for_without_end(finished: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(finished, tmp_path / finished.name)
    executor = Executor(tmp_path, workers=1, limits=Limits(each=1, all=1))
    executor.submit(small_config(seed=1), "a")
    config = small_config(objective="classification+infonce")
    assert executor.submit(config, "a").action == "reuse" and executor.submit_all([config], "b") == [finished.name]
    executor.close()


def test_a_run_whose_worker_died_says_why_and_one_that_went_on_says_nothing(executor: Executor) -> None:
    folders, error = executor.dispatcher.folders, RunError("worker_killed", name="x")
    waits, trains, over = (executor.submit(small_config(seed=seed)).run for seed in (1, 2, 3))
    folders.mark(trains, "running")
    folders.mark(over, "finished")
    for run in (waits, trains, over):
        folders.write_reason(run, error)
    found = [status(executor.runs.root, run) for run in (waits, trains, over)]
    assert [one["status"] for one in found] == ["stopped", "stopped", "finished"]
    assert found[1]["error"] == "worker_killed" and "memory" in found[1]["message"] and not found[2]["error"]
    assert executor.submit(small_config(seed=2)).action == "resume"
    assert status(executor.runs.root, trains)["error"] is None, "asked for again: nothing is wrong with it"
    with store.writing(executor.runs.root / over):
        folders.mark(over, "running")
        folders.write_reason(over, error)
        assert status(executor.runs.root, over)["status"] == "running", "another process writes it"


@pytest.mark.skipif(os.name == "nt", reason="a limit of POSIX systems")
def test_without_handles_a_run_in_training_does_not_read_as_stopped(tmp_path: Path) -> None:
    import resource

    folder, _ = Runs(tmp_path).open(small_config())
    store.write_json(folder / "status.json", {"status": "running"})
    (folder / "frames").mkdir()
    before, taken = resource.getrlimit(resource.RLIMIT_NOFILE), []
    with store.writing(folder):
        assert status(tmp_path, folder.name)["status"] == "running"
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        try:
            with suppress(OSError):
                while True:
                    taken.append(os.open(os.devnull, os.O_RDONLY))
            for ask in (lambda: store.is_held(folder / "lock"), lambda: store.steps(folder, "frames")):
                with pytest.raises(RunError) as told:
                    ask()
                assert store.is_momentary(told.value)
        finally:
            for handle in taken:
                os.close(handle)
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert store.is_held(folder / "lock") and store.steps(folder, "frames") == []


def test_an_estimate_comes_from_runs_of_the_same_kind(finished: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(finished, tmp_path / finished.name)
    store.write_json(
        tmp_path / finished.name / "status.json", {"status": "finished", "seconds": 8.0, "epoch": 2.0, "epochs": 2}
    )
    executor = Executor(tmp_path, workers=1)
    kin = [small_config(objective="classification+infonce", seed=seed, epochs=5) for seed in (1, 2)]
    runs = [executor.submit(config).run for config in kin]
    until(lambda: executor.dispatcher.times._per_epoch)
    executor.dispatcher.dispatch()
    assert executor.place(runs[0]).seconds == 0 and executor.place(runs[1]).seconds == 20
    executor.close()


@pytest.mark.parametrize(
    ("left", "expected"), [(12.5, 12.5), (3, 3.0), (0, 0.0), (None, None), ("soon", None), (True, None), ([1], None)]
)
def test_the_seconds_left_are_those_of_the_status_where_it_has_a_number(
    left: object, expected: float | None, tmp_path: Path
) -> None:
    folders, (folder, _) = QueueFolders(Runs(tmp_path)), Runs(tmp_path).open(small_config())
    store.write_json(folder / "status.json", {"status": "running", "seconds_left": left})
    assert folders.seconds_left(folder.name) == expected
    (folder / "status.json").write_text("{")
    assert folders.seconds_left(folder.name) is None


def test_seeds_of_a_run_share_a_group_and_histories_come_newest_last(tmp_path: Path) -> None:
    runs, folders = Runs(tmp_path), QueueFolders(Runs(tmp_path))
    made = [runs.open(small_config(seed=seed))[0] for seed in (1, 2)] + [runs.open(small_config("sum"))[0]]
    groups = [folders.group(folder.name) for folder in made]
    assert groups[0] == groups[1] != groups[2] and folders.group("0" * 12) is None
    for age, folder in enumerate(made):
        store.write_json(folder / "status.json", {"status": "finished", "epoch": age})
        for file in (folder, folder / "config.json", folder / "status.json"):
            os.utime(file, (1e9 + age, 1e9 + age))
    (tmp_path / ("1" * 12)).mkdir()
    assert [status["epoch"] for _, status in folders.histories()] == [0, 1, 2]


@pytest.mark.parametrize(
    ("now", "expected"), [("queued", "resume"), ("running", "join"), ("finished", "join"), ("failed", "join")]
)
def test_what_ends_between_two_looks_is_not_trained_again(
    now: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was waiting or in training when the folder was opened; only one that still says it waits for us goes on."""
    folders, (folder, _) = QueueFolders(Runs(tmp_path)), Runs(tmp_path).open(small_config())
    monkeypatch.setattr(Runs, "open", lambda *_: (folder, "join"))
    store.write_json(folder / "status.json", {"status": now, "server": folders.server})
    assert folders.open(small_config(), waits=True)[1] == "join"
    assert folders.open(small_config())[1] == expected
    store.write_json(folder / "status.json", {"status": now, "server": "0123abcd"})
    assert folders.open(small_config())[1] == "join", "it waits for another server"
