"""One run's picture that cannot be made costs no other run's, and is said."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.projection.picture import Painter
from core.runs import frames, store
from core.serving import projector
from core.serving import run_projection as easels
from core.serving.projector import Projector
from core.serving.run_projection import PAINTING, PROBLEM, READY, TRIES, Easel


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the projector told the server."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(projector, "say", messages.append)
    return messages


@pytest.fixture
def two(finished: Path, tmp_path: Path) -> list[Path]:
    """Two runs that want pictures."""
    folders = [tmp_path / name for name in ("aaaaaaaaaaaa", "bbbbbbbbbbbb")]
    for folder in folders:
        shutil.copytree(finished, folder)
        shutil.rmtree(folder / "projection", ignore_errors=True)
    return folders


def ready(folders: list[Path]) -> Projector:
    """A projector that watches these runs; PCA alone, to be quick."""
    made = Projector()
    made.umap = "broken"
    for folder in folders:
        made.watch(str(folder))
    return made


def work(made: Projector, rounds: int = 200) -> None:
    for _ in range(rounds):
        if not made.easels:
            return
        made.round()


@pytest.mark.parametrize(
    "error", [np.linalg.LinAlgError, RecursionError, SystemError, ZeroDivisionError, TypeError, MemoryError, OSError]
)
def test_one_runs_error_costs_no_other_runs_pictures(
    two: list[Path], said: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    bad, good = two
    usual = Easel._paint
    monkeypatch.setattr(easels, "REST", 0.0)
    monkeypatch.setattr(easels, "PATIENCE", 0.0)

    def paint(self: Easel, painter: Painter, step: int) -> None:
        if self.folder == bad:
            raise error("eigenvalues did not converge")
        usual(self, painter, step)

    monkeypatch.setattr(Easel, "_paint", paint)
    made = ready(two)
    work(made)
    assert not made.easels and store.steps(good, "projection") == store.steps(good, "frames")
    assert [message["failed"] for message in said] == [bad.name]
    problem = json.loads((bad / PROBLEM).read_text())
    assert said[0]["error"] == problem and problem["error"] == "no_picture"
    assert error.__name__ in problem["values"]["reason"] and not (good / PROBLEM).exists()
    monkeypatch.setattr(Easel, "_paint", usual)
    again = ready([bad])  # opened once more
    work(again)
    assert not (bad / PROBLEM).exists() and store.steps(bad, "projection") == store.steps(bad, "frames")


def test_a_moment_without_memory_is_waited_out(
    two: list[Path], said: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, lacking = Easel._paint, [3]
    monkeypatch.setattr(easels, "REST", 0.0)

    def paint(self: Easel, painter: Painter, step: int) -> None:
        if lacking[0]:
            lacking[0] -= 1
            raise MemoryError
        usual(self, painter, step)

    monkeypatch.setattr(Easel, "_paint", paint)
    work(ready(two))
    assert not said and all(store.steps(folder, "projection") for folder in two)


def test_a_damaged_frame_ends_its_run_alone(
    two: list[Path], said: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(easels, "REST", 0.0)
    monkeypatch.setattr(easels, "PATIENCE", 0.0)
    step = store.steps(two[0], "frames")[1]
    store.frame_path(two[0], "frames", step).write_bytes(frames.encode({}, {"z": np.zeros((3, 0, 4), np.float32)}))
    work(ready(two))
    assert [message["failed"] for message in said] == [two[0].name]
    assert store.steps(two[1], "projection") == store.steps(two[1], "frames")


def test_a_deleted_run_is_let_go_without_a_word(two: list[Path], said: list[dict[str, Any]]) -> None:
    made = ready(two[:1])
    made.round()
    shutil.rmtree(two[0])
    work(made)
    assert not made.easels and not said


def test_a_picture_that_ends_processes_is_left_alone_after_a_few(
    two: list[Path], said: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a process leaves the note of what it painted; other runs and other steps are not blamed."""
    monkeypatch.setattr(easels, "REST", 0.0)
    step = store.steps(two[0], "frames")[1]
    usual = Easel._put_down

    def dies(self: Easel) -> None:
        if self.folder != two[0] or self.painted != step:
            usual(self)

    monkeypatch.setattr(Easel, "_put_down", dies)
    for _ in range(TRIES):
        made = ready(two)
        while made.easels[str(two[0])].painted < step:
            made.round()
        assert json.loads((two[0] / PAINTING).read_text())["step"] == step and not said
    work(ready(two))
    assert said[0]["error"]["error"] == "picture_crash" and said[0]["error"]["values"]["step"] == step
    assert len(said) == 1 and (two[1] / "thumb.png").exists()
    os.utime(store.frame_path(two[0], "frames", step), ns=(1, 1))  # trained anew: another frame
    work(ready(two[:1]))
    assert len(said) == 1


def test_a_slow_picture_ends_the_process_and_says_so(
    two: list[Path], said: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        pass

    def leave(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(projector, "SLOW", 0.02)
    monkeypatch.setattr(projector.os, "_exit", leave)
    made = ready(two)
    made.under_brush = made.easels[str(two[0])], 0.0
    with pytest.raises(Ended):
        made.guard()
    assert said[0]["failed"] == two[0].name and said[0]["error"]["error"] == "picture_slow"


def test_where_umap_cannot_be_compiled_pca_stays_and_says_so(
    two: list[Path], said: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def warm() -> None:
        raise ImportError("llvmlite is of another version")

    monkeypatch.setattr(easels, "REST", 0.0)
    made = Projector(warm)
    made.watch(str(two[0]))
    for _ in range(5):
        made.round()
    made.make_ready()
    work(made)
    assert said == [{"umap": False, "reason": "ImportError: llvmlite is of another version"}]
    steps = store.steps(two[0], "frames")
    assert store.steps(two[0], "projection") == steps and (two[0] / "thumb.png").exists()
    for step in steps:
        header, blocks = frames.decode(store.frame_path(two[0], "projection", step).read_bytes())
        assert header["no_umap"] == "broken" and "xy/pca" in blocks and "xy/umap" not in blocks


def test_a_full_disk_while_compiling_is_no_broken_umap(said: list[dict[str, Any]]) -> None:
    """What numba cannot keep it has compiled nevertheless: the second call goes through."""
    calls: list[int] = []

    def warm() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")

    made = Projector(warm)
    made.make_ready()
    assert made.umap == READY and said == [{"umap": True}]


def test_a_line_that_is_no_wish_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    import queue

    wishes: queue.Queue[Any] = queue.Queue()
    monkeypatch.setattr(projector.sys, "stdin", io.StringIO('nonsense\n[1]\n{"watch": "/a"}\n'))
    projector._listen(wishes)
    assert [wishes.get_nowait(), wishes.get_nowait()] == [{"watch": "/a"}, None]
