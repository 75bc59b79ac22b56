"""Entries of installed packages: what a plug-in does wrong costs its own entries alone. (seams/test_plugin.py: one that works.)"""

from __future__ import annotations

import subprocess
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from core.catalog import plugins

POINT = EntryPoint("loud", "loud:Loud", "fusionarium.fusions")


@pytest.mark.parametrize("printed", ["", "[]\ngoodbye", '{"a": 1}', '[{"odd": 1}]'])
def test_a_plug_in_that_prints_at_its_end_costs_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 0, printed, ""))
    place = tmp_path / "plugins.json"
    (read,) = plugins._read_apart(place, [POINT])
    assert read.entry is None and read.name == "loud" and read.reason
    assert not place.exists()  # nothing of it is kept


def test_without_a_home_there_is_a_folder_to_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "FUSIONARIUM_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert plugins.cache_folder().is_absolute()
