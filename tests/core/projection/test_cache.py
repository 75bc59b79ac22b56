"""Compiled kernels have a place wherever the program is installed, and the map comes where there is none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from core.projection import cache
from core.runs import frames, store

REPO = Path(__file__).resolve().parents[3]


def only(monkeypatch: pytest.MonkeyPatch, *places: Path) -> None:
    """Nothing can be written but what lies in these."""
    usual = cache.writable

    def writable(folder: Path) -> bool:
        return any(folder.is_relative_to(place) for place in places) and usual(folder)

    monkeypatch.setattr(cache, "writable", writable)


@pytest.fixture(autouse=True)
def _nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, "")  # so that it is put back
    monkeypatch.setattr(cache, "_root", None)


def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterable[Path]:
    made = [tmp_path / name for name in ("package", "home", "runs", "temporary")]
    for folder in made:
        folder.mkdir()
    monkeypatch.setattr(cache, "packages", lambda: iter([made[0]]))
    monkeypatch.setattr(cache, "home", lambda: made[1])
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(made[3]))
    return made


def test_the_first_place_that_can_be_written_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, home, runs, temporary = folders(tmp_path, monkeypatch)
    kept = runs / ".cache" / "numba"
    wanted = [("package", None), ("home", None), ("runs", kept), ("temporary", None), ("none", None)]
    left = [package, home, runs, temporary]
    for kind, path in wanted:
        with monkeypatch.context() as now:
            only(now, *left)
            assert cache.choose(runs) == cache.Place(kind, path)
        left = left[1:]


def test_what_a_person_names_comes_first_where_it_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders(tmp_path, monkeypatch)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "mine"))
    assert cache.choose(None) == cache.Place("given", tmp_path / "mine")
    monkeypatch.setenv(cache.VARIABLE, "/proc/nowhere")
    assert cache.choose(None).kind == "package"


def test_numba_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, runs, temporary = folders(tmp_path, monkeypatch)
    cache.look_in(runs)
    with monkeypatch.context() as now:
        only(now, runs)
        assert cache.prepare().kind == "runs" and os.environ[cache.VARIABLE] == str(runs / ".cache" / "numba")
    os.environ[cache.VARIABLE] = ""
    with monkeypatch.context() as now:
        only(now, temporary)
        now.setattr(cache.tempfile, "tempdir", str(temporary))
        place = cache.prepare()
        assert place.kind == "temporary" and Path(os.environ[cache.VARIABLE]).parent == temporary
        assert Path(os.environ[cache.VARIABLE]).stat().st_mode & 0o077 == 0  # code is loaded from it


@pytest.mark.skipif(os.name == "nt", reason="owners and modes of POSIX systems")
def test_code_that_somebody_else_may_write_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, runs, temporary = folders(tmp_path, monkeypatch)
    (runs / ".cache" / "numba").mkdir(parents=True)
    (runs / ".cache").chmod(0o777)
    only(monkeypatch, runs, temporary)
    assert cache.choose(runs).kind == "temporary"


def test_a_home_that_is_nowhere_is_none() -> None:
    assert not cache.writable(Path("~/.cache/numba")) and not Path("~").exists()


ALONE = """
from core.projection import cache
cache.choose = lambda runs: cache.Place("none")
from core.projection.compiled import PROBLEM, kernel
function = eval("lambda x: x + 1")  # it has no file, so numba raises where it is asked to keep it
print(PROBLEM, kernel()(function)(2))
"""


def test_without_any_place_kernels_are_compiled_all_the_same() -> None:
    command = [sys.executable, "-c", ALONE]
    answer = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False, timeout=120)
    assert answer.stdout.split() == ["None", "3"], answer.stderr


def may_mount() -> bool:
    """Whether this process may have a view of the file system of its own."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


READ_ONLY = """
set -e
mount --bind "$4" "$4"
for place in "$1" "$2" ${3:+"$3"}; do mount --rbind "$place" "$place"; mount -o remount,ro,bind "$place"; done
cd "$1"
exec "$5" -m core.serving.projector
"""


@pytest.mark.slow
@pytest.mark.skipif(not may_mount(), reason="takes the right to mount in a namespace of one's own")
@pytest.mark.parametrize("runs_writable", [True, False])
def test_the_map_comes_from_a_read_only_installation_without_a_home(
    finished: Path, tmp_path: Path, runs_writable: bool
) -> None:
    """The tree, the libraries and perhaps the runs folder (but not the run) are mounted read-only."""
    tree, runs = tmp_path / "tree", tmp_path / "runs"
    for name in ("core", "assets", "fusionarium"):
        shutil.copytree(REPO / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    folder = runs / finished.name
    shutil.copytree(finished, folder)
    shutil.rmtree(folder / "projection", ignore_errors=True)
    _render(
        ["sh", "-c", READ_ONLY, "sh", str(tree), sys.prefix, "" if runs_writable else str(runs), str(folder)], folder
    )
    steps = store.steps(folder, "frames")
    assert store.steps(folder, "projection") == steps
    for step in steps:
        _, blocks = frames.decode(store.frame_path(folder, "projection", step).read_bytes())
        assert "xy/umap" in blocks
    assert (runs / ".cache" / "numba").exists() == runs_writable


def _render(command: list[str], folder: Path) -> None:
    """Have a projector in a namespace of its own render this run to the end."""
    with subprocess.Popen(
        ["unshare", "-m", *command, sys.executable],
        env={"PATH": os.environ["PATH"], "HOME": "/proc/nowhere", "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as child:
        try:
            assert child.stdin is not None
            child.stdin.write(json.dumps({"type": "watch", "folder": str(folder)}) + "\n")
            child.stdin.flush()
            begun = time.monotonic()
            while not (folder / "thumb.png").exists():
                assert child.poll() is None and time.monotonic() - begun < 200
                time.sleep(0.1)
        finally:
            child.kill()


WITHOUT = """
import sys
sys.modules["numba"] = None  # an import of it fails
import numpy as np
from core.serving import projector
from core.projection.picture import FrameProjector
made = projector.Projector()
made.make_ready()
z = np.random.RandomState(0).normal(size=(2, 20, 4)).astype(np.float32)
header = {"step": 0, "epoch": 0, "epochs": 1, "values": {}, "diagnostics": {}}
told, blocks = FrameProjector([0, 1], made.umap == "ready", made.umap).project(header, {"z": z})
print(made.umap, told["no_umap"], sorted(told["maps"]), blocks["xy/pca"].shape, told["maps"]["pca"]["trustworthiness"] > 0.5)
"""


def test_without_numba_there_is_pca() -> None:
    command = [sys.executable, "-c", WITHOUT]
    answer = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False, timeout=120)
    lines = answer.stdout.splitlines()
    assert json.loads(lines[0])["ready"] is False and "numba" in json.loads(lines[0])["reason"], answer.stderr
    assert lines[1] == "broken broken ['pca'] (2, 20, 2) True", answer.stderr


@pytest.mark.parametrize("kind", ["given", "package", "home", "runs", "temporary", "none"])
def test_doctor_says_where_compiled_code_is_kept(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.commands import doctor

    path = tmp_path / "kept" if kind in ("given", "runs") else None
    monkeypatch.setattr(cache, "choose", lambda runs: cache.Place(kind, path))
    good, name, text = doctor._kernels(tmp_path)
    assert name == "map" and good == (kind not in ("temporary", "none"))
    assert str(path or "") in text and (cache.VARIABLE in text) == (not good or kind == "given")
