"""The command `fusionarium`: which command line goes to the app, which to the engine, and when neither can be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import core.__main__
import dashboard.__main__
from fusionarium import command, shadows

REPO = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("argv", "target"),
    [
        ([], "app"),
        (["--port", "8600"], "app"),
        (["train", "--dataset", "interactions"], "engine"),
        (["doctor"], "engine"),
        (["no-such-command"], "engine"),
    ],
)
def test_options_open_the_app_and_words_are_the_engines(
    argv: list[str], target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    monkeypatch.setattr(dashboard.__main__, "main", lambda argv, prog: calls.append(("app", argv, prog)) or 0)
    monkeypatch.setattr(core.__main__, "main", lambda argv, prog: calls.append(("engine", argv, prog)) or 0)
    assert command.dispatch(argv) == 0
    assert calls == [(target, argv, "fusionarium")]


def test_usage_names_what_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["train", "--help"], ["--help"]):
        with pytest.raises(SystemExit):
            command.dispatch(argv)
        assert capsys.readouterr().out.startswith(f"usage: fusionarium {argv[0] if len(argv) > 1 else '['}")
    with pytest.raises(SystemExit) as end:
        command.dispatch(["no-such-command"])
    assert end.value.code == 2
    assert "see fusionarium --help" in capsys.readouterr().err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["--version"], []):
        with pytest.raises(SystemExit):
            command.dispatch(argv) if argv else core.__main__.main(["--version"])
        assert capsys.readouterr().out == f"Fusionarium {core.__version__}\n"


@pytest.mark.parametrize("name", shadows.PACKAGES)
def test_another_package_of_our_name_is_one_sentence(name: str, tmp_path: Path) -> None:
    """It may not even be imported: whatever it does would happen to people who asked for us."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')")
    path = os.pathsep.join([str(tmp_path), str(REPO)])
    done = subprocess.run(
        [sys.executable, "-P", "-m", "fusionarium", "doctor"],
        env={**os.environ, "PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert str(tmp_path / name) in done.stderr and "pipx" in done.stderr and done.stderr.count("\n") == 1


def test_the_app_beside_another_core_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("raise SystemExit('imported')")
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "--version"],  # `-m` puts this folder first
        env={**os.environ, "PYTHONPATH": str(REPO)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert str(tmp_path / "core") in done.stderr and done.stderr.count("\n") == 1


def test_ours_are_ours(tmp_path: Path) -> None:
    assert shadows.in_the_way() == ""
    assert shadows.neighbours(REPO) == [] == shadows.neighbours(tmp_path)
    (tmp_path / "core.py").write_text("")
    (tmp_path / "dashboard").mkdir()
    assert shadows.neighbours(tmp_path) == ["core", "dashboard"]


def test_another_distribution_with_our_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        shadows, "packages_distributions", lambda: {"core": ["fusionarium", "other"], "numpy": ["numpy"]}
    )
    assert shadows.rivals() == {"core": ["other"]}


def test_doctor_reports_what_is_in_the_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "core").mkdir()
    monkeypatch.chdir(tmp_path)
    assert core.__main__.main(["doctor", "--runs", str(tmp_path / "runs")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("LOOK  packages") and "type fusionarium" in line for line in lines)
    assert any(line.startswith("ok    runs") and "as --runs says" in line for line in lines)
