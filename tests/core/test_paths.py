"""Where files lie in both layouts, and where runs go by default."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from core import paths
from core.paths import Layout, layout_of

REPO = Path(__file__).resolve().parents[2]


def test_a_checkout_has_its_assets_at_the_top() -> None:
    assert Layout(REPO, REPO / "assets", REPO, installed=False) == paths.LAYOUT
    assert (paths.LAYOUT.config / ".streamlit" / "config.toml").is_file()


def test_an_installation_has_them_in_its_package(tmp_path: Path) -> None:
    package = tmp_path / "fusionarium"
    (package / "assets").mkdir(parents=True)
    assert layout_of(package) == Layout(tmp_path, package / "assets", package, installed=True)


def test_a_checkout_keeps_its_runs_and_an_installation_those_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FUSIONARIUM_RUNS", raising=False)
    assert paths.default_runs() == REPO / "runs"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(paths, "LAYOUT", Layout(tmp_path, tmp_path, tmp_path, installed=True))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert paths.default_runs() == tmp_path / "fusionarium" / "runs"
    monkeypatch.setenv("FUSIONARIUM_RUNS", "elsewhere")
    assert paths.default_runs() == Path("elsewhere")
    monkeypatch.setenv("FUSIONARIUM_RUNS", "")
    assert paths.default_runs() == tmp_path / "fusionarium" / "runs"


def test_texts_name_the_command_that_people_can_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "`python -m core doctor` and python -m dashboard --allow-host NAME"
    assert paths.as_typed(text) == text
    monkeypatch.setattr(paths, "LAYOUT", Layout(tmp_path, tmp_path, tmp_path, installed=True))
    assert paths.as_typed(text) == "`fusionarium doctor` and fusionarium --allow-host NAME"


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", ".local/share/fusionarium"),
        ("darwin", "Library/Application Support/fusionarium"),
        ("win32", "AppData/Local/fusionarium"),
    ],
)
def test_the_users_folder_is_where_the_system_has_it(
    platform: str, folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for home in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(home, str(tmp_path))
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, "not/absolute")  # which the standard tells to ignore
    assert paths.user_data() == tmp_path / folder


def test_nobody_else_computes_these_paths() -> None:
    """`.parent.parent` or `.parents[n]` of a module's own file is a second opinion on where the program lies."""
    for folder in ("core", "dashboard"):
        for path in (REPO / folder).rglob("*.py"):
            if path != REPO / "core" / "paths.py":
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.Attribute) and node.attr in ("parent", "parents"):
                        inner = ast.unparse(node.value)
                        climbs = node.attr == "parents" or inner.endswith(".parent")
                        assert not ("__file__" in inner and climbs), f"{path}: {ast.unparse(node)}"
