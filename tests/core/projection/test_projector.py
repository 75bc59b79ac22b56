"""One run's picture that cannot be made costs no other run's, and is sent."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.projection.picture import FrameProjector
from core.runs import frames, store
from core.serving import projector, run_projection
from core.serving.projector import Projector
from core.serving.run_projection import PROBLEM, READY, RENDERING, TRIES, RunProjection


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the projector told the server."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(projector, "send", messages.append)
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
        if not made.projections:
            return
        made.round()


@pytest.mark.parametrize(
    "error", [np.linalg.LinAlgError, RecursionError, SystemError, ZeroDivisionError, TypeError, MemoryError, OSError]
)
def test_one_runs_error_costs_no_other_runs_pictures(
    two: list[Path], sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    bad, good = two
    usual = RunProjection._render
    monkeypatch.setattr(run_projection, "REST", 0.0)
    monkeypatch.setattr(run_projection, "PATIENCE", 0.0)

    def render(self: RunProjection, projector: FrameProjector, step: int) -> None:
        if self.folder == bad:
            raise error("eigenvalues did not converge")
        usual(self, projector, step)

    monkeypatch.setattr(RunProjection, "_render", render)
    made = ready(two)
    work(made)
    assert not made.projections and store.steps(good, "projection") == store.steps(good, "frames")
    assert [message["run"] for message in sent] == [bad.name]
    problem = json.loads((bad / PROBLEM).read_text())
    assert sent[0]["error"] == problem and problem["error"] == "no_picture"
    assert error.__name__ in problem["values"]["reason"] and not (good / PROBLEM).exists()
    monkeypatch.setattr(RunProjection, "_render", usual)
    again = ready([bad])  # opened once more
    work(again)
    assert not (bad / PROBLEM).exists() and store.steps(bad, "projection") == store.steps(bad, "frames")


def test_a_moment_without_memory_is_waited_out(
    two: list[Path], sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, lacking = RunProjection._render, [3]
    monkeypatch.setattr(run_projection, "REST", 0.0)

    def render(self: RunProjection, projector: FrameProjector, step: int) -> None:
        if lacking[0]:
            lacking[0] -= 1
            raise MemoryError
        usual(self, projector, step)

    monkeypatch.setattr(RunProjection, "_render", render)
    work(ready(two))
    assert not sent and all(store.steps(folder, "projection") for folder in two)


def test_a_frame_without_its_step_ends_its_run_alone(
    two: list[Path], sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_projection, "REST", 0.0)
    monkeypatch.setattr(run_projection, "PATIENCE", 0.0)
    step = store.steps(two[0], "frames")[1]
    store.frame_path(two[0], "frames", step).write_bytes(frames.encode({}, {"z": np.zeros((3, 0, 4), np.float32)}))
    work(ready(two))
    assert [message["run"] for message in sent] == [two[0].name]
    assert store.steps(two[1], "projection") == store.steps(two[1], "frames")


def test_a_frame_that_stays_damaged_is_left_out(
    two: list[Path], sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_projection, "REST", 0.0)
    monkeypatch.setattr(run_projection, "PATIENCE", 0.0)
    steps = store.steps(two[0], "frames")
    store.frame_path(two[0], "frames", steps[1]).write_bytes(b"FUS1")
    work(ready(two))
    assert not sent and not (two[0] / PROBLEM).exists() and not (two[0] / RENDERING).exists()
    assert store.steps(two[0], "projection") == [step for step in steps if step != steps[1]]
    assert store.steps(two[1], "projection") == steps
    assert capfd.readouterr().err.count(f"no picture of step {steps[1]} of run {two[0].name}") == 1


def test_a_frame_that_is_damaged_for_a_moment_is_waited_for(two: list[Path], sent: list[dict[str, Any]]) -> None:
    """Also long after the picture before it."""
    steps = store.steps(two[0], "frames")
    path = store.frame_path(two[0], "frames", steps[1])
    whole = path.read_bytes()
    path.write_bytes(whole[:20])
    made = ready(two[:1])
    projection = made.projections[str(two[0])]
    made.round()
    projection.progressed -= 60
    for _ in range(3):
        assert not made.round() and projection.rendered == steps[0]
    path.write_bytes(whole)
    assert made.round() and projection.rendered == steps[1] and not sent


def test_where_each_frame_is_damaged_the_page_gets_the_reason(
    two: list[Path], sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_projection, "REST", 0.0)
    monkeypatch.setattr(run_projection, "PATIENCE", 0.0)
    for step in store.steps(two[0], "frames"):
        store.frame_path(two[0], "frames", step).write_bytes(b"FUS1")
    work(ready(two[:1]))
    assert [message["error"]["error"] for message in sent] == ["no_picture"]


def test_a_deleted_run_is_let_go_without_a_word(two: list[Path], sent: list[dict[str, Any]]) -> None:
    made = ready(two[:1])
    made.round()
    shutil.rmtree(two[0])
    work(made)
    assert not made.projections and not sent


def test_a_picture_that_ends_processes_is_left_alone_after_a_few(
    two: list[Path], sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a process leaves the note of what it rendered; other runs and other steps are not blamed."""
    monkeypatch.setattr(run_projection, "REST", 0.0)
    step = store.steps(two[0], "frames")[1]
    usual = RunProjection._clear_note

    def dies(self: RunProjection) -> None:
        if self.folder != two[0] or self.rendered != step:
            usual(self)

    monkeypatch.setattr(RunProjection, "_clear_note", dies)
    for _ in range(TRIES):
        made = ready(two)
        while made.projections[str(two[0])].rendered < step:
            made.round()
        assert json.loads((two[0] / RENDERING).read_text())["step"] == step and not sent
    work(ready(two))
    assert sent[0]["error"]["error"] == "picture_crash" and sent[0]["error"]["values"]["step"] == step
    assert len(sent) == 1 and (two[1] / "thumb.png").exists()
    os.utime(store.frame_path(two[0], "frames", step), ns=(1, 1))  # trained anew: another frame
    work(ready(two[:1]))
    assert len(sent) == 1


def test_a_slow_picture_ends_the_process_and_says_so(
    two: list[Path], sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        pass

    def leave(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(projector, "SLOW", 0.02)
    monkeypatch.setattr(projector.os, "_exit", leave)
    made = ready(two)
    made.current = made.projections[str(two[0])], 0.0
    with pytest.raises(Ended):
        made.guard()
    assert sent[0]["run"] == two[0].name and sent[0]["error"]["error"] == "picture_slow"


def test_where_umap_cannot_be_compiled_pca_stays_and_says_so(
    two: list[Path], sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def warm() -> None:
        raise ImportError("llvmlite is of another version")

    monkeypatch.setattr(run_projection, "REST", 0.0)
    made = Projector(warm)
    made.watch(str(two[0]))
    for _ in range(5):
        made.round()
    made.make_ready()
    work(made)
    assert sent == [{"type": "umap", "ready": False, "reason": "ImportError: llvmlite is of another version"}]
    steps = store.steps(two[0], "frames")
    assert store.steps(two[0], "projection") == steps and (two[0] / "thumb.png").exists()
    for step in steps:
        header, blocks = frames.decode(store.frame_path(two[0], "projection", step).read_bytes())
        assert header["no_umap"] == "broken" and "xy/pca" in blocks and "xy/umap" not in blocks


def test_a_full_disk_while_compiling_is_no_broken_umap(sent: list[dict[str, Any]]) -> None:
    """What numba cannot keep it has compiled nevertheless: the second call goes through."""
    calls: list[int] = []

    def warm() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")

    made = Projector(warm)
    made.make_ready()
    assert made.umap == READY and sent == [{"type": "umap", "ready": True, "reason": ""}]


def test_a_line_that_is_no_request_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    import queue

    requests: queue.Queue[Any] = queue.Queue()
    monkeypatch.setattr(projector.sys, "stdin", io.StringIO('nonsense\n[1]\n{"type": "watch", "folder": "/a"}\n'))
    projector._listen(requests)
    assert [requests.get_nowait(), requests.get_nowait()] == [{"type": "watch", "folder": "/a"}, None]
