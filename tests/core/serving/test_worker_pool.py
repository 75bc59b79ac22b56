"""Processes that die are replaced, with longer and longer pauses: with made-up processes and a made-up clock."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from core.serving import worker_process as process_module
from core.serving.worker_pool import LONGEST_PAUSE, PROJECTOR, START_PATIENCE, STEADY, TRIES, Slot, WorkerPool, pause
from core.serving.worker_process import WorkerProcess


class Fake:
    """What the pool sees of a process."""

    def __init__(self, module: str, on_message: Any) -> None:
        self.module = module
        self.ready = self.was_ready = self.ended = self.late = self.closed = False

    def close(self) -> None:
        self.closed = True

    def get_ready(self) -> None:
        self.ready = self.was_ready = True

    def die(self) -> None:
        self.ready, self.ended = False, True


class World:
    """A pool, a clock that is moved by hand, and what has been launched."""

    def __init__(self, count: int = 1, projects: bool = False) -> None:
        self.now, self.launched, self.refuse = 1000.0, [], False
        self.pool = WorkerPool(count, projects, lambda *_: None, self.launch, lambda: self.now)

    def launch(self, module: str, on_message: Any) -> Any:
        if self.refuse:
            raise OSError(24, "Too many open files")
        self.launched.append(Fake(module, on_message))
        return self.launched[-1]

    def tick(self, seconds: float = 0.0) -> int:
        """Time goes by; how many were started."""
        self.now += seconds
        slots = self.pool.due()
        for slot in slots:
            self.pool.settle(slot, self.pool.launch(slot))
        return len(slots)

    def kill(self, process: Fake) -> None:
        process.die()
        self.pool.died(process)  # type: ignore[arg-type]


def test_pauses_grow_and_end_at_a_minute() -> None:
    assert [pause(n) for n in range(9)] == [0, 0, 1, 2, 4, 8, 16, 32, 60]
    assert pause(1000) == LONGEST_PAUSE


def test_a_projector_that_died_often_is_still_started_again() -> None:
    world = World(count=0, projects=True)
    for deaths in range(1, 30):
        assert world.tick(pause(deaths - 1)) == 1, deaths
        world.launched[-1].get_ready()
        world.kill(world.launched[-1])
        assert pause(deaths) == 0 or world.tick(pause(deaths) - 0.1) == 0
        world.now -= 0 if pause(deaths) == 0 else pause(deaths) - 0.1
    assert world.launched[-1].module == PROJECTOR and not world.pool.broken


def test_a_worker_that_worked_is_replaced_at_once() -> None:
    world = World()
    world.tick()
    for _ in range(5):
        worker = world.launched[-1]
        worker.get_ready()
        world.pool.got_ready(worker)
        world.pool.finished_something(worker)
        world.kill(worker)
        assert world.tick() == 1


def test_a_long_life_forgives() -> None:
    world = World()
    world.tick()
    for _ in range(4):
        world.launched[-1].get_ready()
        world.kill(world.launched[-1])
        world.tick(LONGEST_PAUSE)
    world.launched[-1].get_ready()
    world.now += STEADY + 1
    world.kill(world.launched[-1])
    assert world.tick() == 1


def test_workers_that_never_get_ready_break_the_pool_until_one_does() -> None:
    world = World()
    for _ in range(TRIES + 1):
        assert not world.pool.broken
        world.tick(LONGEST_PAUSE)
        world.kill(world.launched[-1])
    assert world.pool.broken and world.tick() == 0
    world.pool.hurry()
    assert not world.pool.broken and world.tick() == 1, "a person's click tries at once"
    world.kill(world.launched[-1])
    assert world.pool.broken, "and says soon that it was in vain"
    assert world.tick(LONGEST_PAUSE) == 1, "but it is tried now and then without a click"
    world.launched[-1].get_ready()
    world.pool.got_ready(world.launched[-1])
    assert world.pool.ready and not world.pool.broken


def test_a_moment_without_handles_is_no_broken_installation() -> None:
    world = World()
    world.refuse = True
    for _ in range(5):
        world.tick(LONGEST_PAUSE)
    assert not world.launched and not world.pool.broken
    world.refuse = False
    world.tick(LONGEST_PAUSE)
    assert len(world.launched) == 1


def test_one_that_hangs_at_its_start_is_told() -> None:
    world = World(count=2)
    world.tick()
    first, second = world.launched
    second.get_ready()
    world.now += START_PATIENCE + 1
    assert world.pool.late() == [first]
    first.late = True
    assert world.pool.late() == [], "once"


def test_one_that_ended_before_it_had_its_place_is_replaced() -> None:
    world = World()
    (slot,) = world.pool.due()
    process = world.launch(slot.module, None)
    process.die()
    world.pool.died(process)  # nobody knows it yet
    world.pool.settle(slot, process)
    assert slot.process is None and world.tick(1) == 1


def test_one_that_is_born_after_the_end_is_let_go() -> None:
    world = World()
    (slot,) = world.pool.due()
    world.pool.close()
    world.pool.settle(slot, world.pool.launch(slot))
    assert world.launched[0].closed and world.tick(100) == 0
    assert isinstance(slot, Slot)


SCRIPTS = {
    "exit": ("import sys; sys.exit(3)", ("worker_ended", {"code": 3})),
    "kill": ("import os; os.kill(os.getpid(), 9)", ("worker_killed", {})),
    "segfault": ("import os; os.kill(os.getpid(), 11)", ("worker_signal", {"signal": "SIGSEGV"})),
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
@pytest.mark.parametrize("name", SCRIPTS)
def test_how_a_process_ended_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script, expected = SCRIPTS[name]
    real, over = subprocess.Popen, threading.Event()
    monkeypatch.setattr(
        process_module.subprocess, "Popen", lambda command, **more: real([sys.executable, "-c", script], **more)
    )
    process = WorkerProcess("none", lambda _, message: over.set() if message is None else None)
    assert over.wait(20) and process.cause() == expected and process.ended


def test_sending_to_one_that_does_not_read_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen
    script = "import time; time.sleep(60)"
    monkeypatch.setattr(
        process_module.subprocess, "Popen", lambda command, **more: real([sys.executable, "-c", script], **more)
    )
    process = WorkerProcess("none", lambda *_: None)
    done = threading.Event()

    def send() -> None:
        for _ in range(100):
            process.send({"watch": "x" * 10_000})  # a megabyte; a pipe takes 64 kB
        done.set()

    threading.Thread(target=send, daemon=True).start()
    assert done.wait(20)
    process.kill()
