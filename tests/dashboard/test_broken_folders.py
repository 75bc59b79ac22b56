"""A folder that a crash, a full disk or a stranger's hand has damaged: every page and command says so and goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.__main__ import main
from core.runs import Runs
from dashboard import pages, services
from tests.conftest import SMALL

APP = str(pages.VIEWS.with_name("app.py"))
FILES = ("config.json", "status.json", "result.json", "metrics.jsonl", "probe.json", "checkpoint.safetensors")
VALUES = [
    ("config.json", "objective", -1),
    ("config.json", "data_settings", None),
    ("config.json", "created", "long ago"),
    ("status.json", "seconds", "x"),
    ("status.json", "progress", []),
    ("result.json", "metrics", None),
    ("result.json", "metrics", {"test/accuracy": "high"}),
    ("label.json", "star", "<img src=x onerror=alert(1)>"),
]


@pytest.fixture
def folder(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run in a runs folder of its own."""
    monkeypatch.setattr(services._services, "root", tmp_path)
    monkeypatch.setattr("core.serving.executor.Executor.start", lambda self: None)
    shutil.copytree(finished, tmp_path / finished.name)
    return tmp_path / finished.name


def survives(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["runs"], ["runs", "--json"], ["show", folder.name], ["show", folder.name, "--json"]):
        assert main([*argv, "--runs", str(folder.parent)]) in (0, 2)
    assert "Traceback" not in capsys.readouterr().err
    chosen = {"dataset": "interactions", "fusion": "concat", "objective": "classification+infonce", "run": folder.name}
    for page in ("views/playground.py", "views/runs.py"):
        app = AppTest.from_file(APP, default_timeout=120)
        for key, value in {**chosen, **{f"set.{name}": str(value) for name, value in SMALL.items()}}.items():
            app.query_params[key] = value
        app.run().switch_page(page).run()
        assert not app.exception, app.exception[0].stack_trace


@pytest.mark.parametrize("damage", ["half", "list", "folder", "absent"])
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file(file: str, damage: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / file
    whole = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "absent":
        path.write_bytes(whole[: len(whole) // 2] if damage == "half" else b"[]")
    survives(folder, capsys)
    Runs(folder.parent).delete(folder.name)
    assert not folder.exists()


@pytest.mark.parametrize(("file", "name", "value"), VALUES)
def test_a_wrong_value(file: str, name: str, value: object, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / file
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**content, name: value}))
    survives(folder, capsys)


def test_foreign_things_in_the_runs_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.parent / "0123456789ab").write_text("a file")
    (folder.parent / "notes.txt").write_text("mine")
    (folder.parent / "aaaaaaaaaaaa").mkdir()
    survives(folder, capsys)


def test_a_finished_run_without_its_result_gets_it_again(folder: Path) -> None:
    from core.runs import read_config
    from core.training.recorder import record

    before = json.loads((folder / "result.json").read_text())["metrics"]
    (folder / "result.json").write_text('{"metr')
    again, action = Runs(folder.parent).open(read_config(folder))
    assert action == "resume"
    assert [status["status"] for status in record(again)][-1] == "finished"
    assert json.loads((folder / "result.json").read_text())["metrics"] == before
