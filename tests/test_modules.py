"""Every module of core and dashboard has its test file, or stands here with the reason."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "modules_without_tests.txt"


def modules() -> set[str]:
    """Paths of all modules, without the packages' own files."""
    paths = (path for folder in ("core", "dashboard") for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix() for path in paths if not path.name.startswith("__")}


def has_test_file(module: str) -> bool:
    """Whether tests/<folder> or one above it holds test_<name>.py (or test_<name>_browser.py)."""
    path = Path(module)
    folders = [ROOT / "tests" / parent for parent in path.parents if parent.parts]
    names = (f"test_{path.stem}.py", f"test_{path.stem}_browser.py")
    return any((folder / name).is_file() for folder in folders for name in names)


def excused() -> dict[str, str]:
    """module -> why it has no test file of its own: what tests it instead."""
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {name.strip(): reason.strip() for name, _, reason in (line.partition(":") for line in lines)}


def test_every_module_has_its_test_file_or_a_reason() -> None:
    missing = {module for module in modules() if not has_test_file(module)} - set(excused())
    assert not missing, "give each a test file, or a line with the reason in tests/modules_without_tests.txt"


def test_the_list_holds_no_module_that_is_gone_or_tested_and_no_empty_reason() -> None:
    for module, reason in excused().items():
        assert module in modules() and not has_test_file(module), f"{module} needs no line any more"
        assert reason, module
