"""Who may import whom. The dashboard's process stays small; the engine knows no page."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import catalog

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "umap", "numba", "sklearn", "scipy"}
LIGHT_CORE = {
    "catalog",
    "commands.arguments",
    "commands.terminal",
    "compare.advice",
    "compare.comparison",
    "compare.files",
    "compare.types",
    "serving.answers",
    "serving.messages",
    "serving.questions",
    "serving.task_queue",
    "serving.tasks",
    "compare.estimates",
    "config",
    "errors",
    "paths",
    "runs",
    "serving.executor",
}


def imports(path: Path) -> set[str]:
    """Every module that a file names in an import, wherever it stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "core").rglob("*.py")), ids=lambda p: p.stem)
def test_the_engine_knows_no_page(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & {
        "streamlit",
        "plotly",
        "dashboard",
        "starlette",
    }


@pytest.mark.parametrize("path", sorted((ROOT / "dashboard").rglob("*.py")), ids=lambda p: p.stem)
def test_the_dashboard_imports_the_torch_free_part_alone(path: Path) -> None:
    names = imports(path)
    assert not {name.split(".")[0] for name in names} & HEAVY
    for name in names:
        if name.startswith("core."):
            assert any(
                f"{name}.".startswith(f"core.{part}.") or f"{part}.".startswith(f"{name[5:]}.") for part in LIGHT_CORE
            ), name


def test_a_refusal_to_start_waits_for_no_streamlit() -> None:
    script = "import sys, dashboard.__main__; sys.exit('streamlit' if 'streamlit' in sys.modules else 0)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]


def test_the_process_that_serves_holds_nothing_heavy() -> None:
    script = (
        "import sys, dashboard.__main__, dashboard.server, dashboard.panels.training, dashboard.live_views, dashboard.controls.run_form, dashboard.panels.advice;"
        f"heavy = {HEAVY!r} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]


def test_a_refusal_waits_for_no_streamlit() -> None:
    script = "import sys, dashboard.__main__; sys.exit('streamlit' in sys.modules or 'starlette' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_the_first_page_waits_for_no_pandas(tmp_path: Path) -> None:
    script = (
        "import sys; from streamlit.testing.v1 import AppTest; page = AppTest.from_file('dashboard/app.py').run(timeout=120);"
        "sys.exit(str(page.exception) if page.exception else 'pandas' if 'pandas' in sys.modules else 0)"
    )
    quiet = {**os.environ, "FUSIONARIUM_RUNS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=quiet, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize("path", sorted((ROOT / "dashboard/services").glob("*.py")), ids=lambda p: p.stem)
def test_a_service_knows_no_streamlit(path: Path) -> None:
    module = "dashboard.services" + ("" if path.stem == "__init__" else f".{path.stem}")
    script = f"import sys, {module}; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("path", sorted((ROOT / "dashboard/views").glob("*.py")), ids=lambda p: p.stem)
def test_a_view_reads_from_top_to_bottom(path: Path) -> None:
    """Under 60 lines, no function of its own: choices, one call a panel."""
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 60
    assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(ast.parse(source)))


def test_no_name_of_a_method_decides_anything() -> None:
    """A comparison with a method's name is a method that leaked out of its file."""
    methods = {name for shelf in ("datasets", "fusions", "objectives") for name in catalog.names(shelf)}
    for folder in ("core", "dashboard"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Compare):
                    parts = [node.left, *node.comparators]
                    assert not methods & {p.value for p in parts if isinstance(p, ast.Constant)}, path
