"""For the seam tests of plug-ins: a folder for packages, which are seen until the test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import catalog
from core.catalog import sources

Install = Callable[..., None]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder that packages are imported from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    sources.installed.cache_clear(), catalog.refresh()
    yield tmp_path
    monkeypatch.undo()
    sources.installed.cache_clear(), catalog.refresh()


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """`install(name, version, source, fusions="Loud", ...)`: an installed package of one module, and its classes by shelf."""

    def package(name: str, version: str, source: str, **classes: str) -> None:
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
        lines = [
            f"[fusionarium.{shelf}]\n" + "".join(f"{one.lower()} = {name}:{one}\n" for one in ones.split())
            for shelf, ones in classes.items()
        ]
        (info / "entry_points.txt").write_text("".join(lines), encoding="utf-8")

    return package
