"""Processes that die are replaced, with longer and longer pauses: with made-up processes and a made-up clock."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from core.serving import worker_process as process_module
from core.serving.pool import PROJECTOR
from core.serving.slots import LONGEST_PAUSE, START_PATIENCE, STEADY, TRIES, Slot, Slots, pause
from core.serving.worker_process import WorkerProcess


class Fake:
    """What the pool sees of a process."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.ready = self.was_ready = self.ended = self.late = self.closed = False

    def close(self) -> None:
        self.closed = True

    def get_ready(self) -> None:
        self.ready = self.was_ready = True

    def die(self) -> None:
        self.ready, self.ended = False, True


class World:
    """Slots, a clock that is moved by hand, and what has been launched."""

    def __init__(self, count: int = 1, projects: bool = False, answers: bool = False) -> None:
        self.now, self.launched, self.refuse = 1000.0, [], False
        self.slots = Slots(count, projects, answers, lambda: self.now)

    def launch(self, slot: Slot) -> Any:
        if self.refuse:
            return None
        self.launched.append(Fake(slot.place))
        return self.launched[-1]

    def tick(self, seconds: float = 0.0) -> int:
        """Time goes by; how many were started."""
        self.now += seconds
        due = self.slots.due()
        for slot in due:
            self.slots.settle(slot, self.launch(slot))
        return len(due)

    def get_ready(self, process: Fake) -> None:
        process.get_ready()
        self.slots.got_ready(self.slots.at(process.place))

    def kill(self, process: Fake) -> None:
        process.die()
        self.slots.ended(self.slots.at(process.place), process)  # type: ignore[arg-type]


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
    assert world.launched[-1].place == PROJECTOR and not world.slots.broken


def test_a_worker_that_worked_is_replaced_at_once() -> None:
    world = World()
    world.tick()
    for _ in range(5):
        worker = world.launched[-1]
        world.get_ready(worker)
        world.slots.finished_something(world.slots.at(worker.place))
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
        assert not world.slots.broken
        world.tick(LONGEST_PAUSE)
        world.kill(world.launched[-1])
    assert world.slots.broken and world.tick() == 0
    world.slots.hurry()
    assert not world.slots.broken and world.tick() == 1, "a person's click tries at once"
    world.kill(world.launched[-1])
    assert world.slots.broken, "and says soon that it was in vain"
    assert world.tick(LONGEST_PAUSE) == 1, "but it is tried now and then without a click"
    world.get_ready(world.launched[-1])
    assert not world.slots.broken


def test_a_moment_without_handles_is_no_broken_installation() -> None:
    world = World()
    world.refuse = True
    for _ in range(5):
        world.tick(LONGEST_PAUSE)
    assert not world.launched and not world.slots.broken
    world.refuse = False
    world.tick(LONGEST_PAUSE)
    assert len(world.launched) == 1


def test_one_that_hangs_at_its_start_is_told() -> None:
    world = World(count=2)
    world.tick()
    first, second = world.launched
    second.get_ready()
    world.now += START_PATIENCE + 1
    assert world.slots.late() == [first]
    first.late = True
    assert world.slots.late() == [], "once"


def test_one_that_ended_before_it_had_its_place_is_replaced() -> None:
    world = World()
    (slot,) = world.slots.due()
    process = world.launch(slot)
    process.die()
    world.slots.ended(slot, process)  # nobody knows it yet
    world.slots.settle(slot, process)
    assert slot.process is None and world.tick(1) == 1


def test_one_that_is_born_after_the_end_is_let_go() -> None:
    world = World()
    (slot,) = world.slots.due()
    world.slots.close()
    world.slots.settle(slot, world.launch(slot))
    assert world.launched[0].closed and world.tick(100) == 0
    assert isinstance(slot, Slot)


def test_a_place_that_nobody_needs_has_no_process() -> None:
    world = World(count=0, answers=True)
    assert world.tick() == 0
    (slot,) = world.slots.all
    assert world.slots.need(slot) and not world.slots.need(slot), "the first who needs it has it started"
    assert world.tick() == 1


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
    process = WorkerProcess("none", 5, lambda _, message: over.set() if message is None else None)
    assert over.wait(20) and process.cause() == expected and process.ended


def test_sending_to_one_that_does_not_read_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen
    script = "import time; time.sleep(60)"
    monkeypatch.setattr(
        process_module.subprocess, "Popen", lambda command, **more: real([sys.executable, "-c", script], **more)
    )
    process = WorkerProcess("none", 5, lambda *_: None)
    done = threading.Event()

    def send() -> None:
        for _ in range(100):
            process.send({"type": "watch", "folder": "x" * 10_000})  # a megabyte; a pipe takes 64 kB
        done.set()

    threading.Thread(target=send, daemon=True).start()
    assert done.wait(20)
    process.kill()
