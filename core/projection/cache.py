"""Where compiled kernels are kept: chosen before numba is imported, since numba gives up where it cannot write.

Numba keeps them beside the source, or in the home folder. An installation that only root may write, used by somebody
without a home, has neither. Then they go into the runs folder, else into a temporary folder of this process, else
nowhere. Compiled code is loaded without a question, so a folder that somebody else may write is passed over.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
PACKAGES = ("umap", "pynndescent")  # bring kernels of their own
_root: Path | None = None  # the runs folder, where somebody told it
_kept: list[tempfile.TemporaryDirectory[str]] = []  # until this process ends


@dataclass(frozen=True)
class Place:
    """`kind`: given, package, home, runs, temporary, none. No `path` where numba finds its own, or there is none."""

    kind: str
    path: Path | None = None


def look_in(runs: Path) -> None:
    """Name the runs folder. It counts until the first kernel is made."""
    global _root
    _root = runs


def prepare() -> Place:
    """Choose, and tell numba, which has not been imported yet."""
    place = choose(_root)
    if place.kind == "temporary":
        _kept.append(tempfile.TemporaryDirectory(prefix="fusionarium-"))
        place = Place("temporary", Path(_kept[0].name))
    if place.path is not None:
        os.environ[VARIABLE] = str(place.path)
    else:
        os.environ.pop(VARIABLE, None)
    return place


def choose(runs: Path | None) -> Place:
    """The first that can be written. Makes the folders that it finds fit, as numba would."""
    given = os.environ.get(VARIABLE)
    if given and writable(Path(given)):
        return Place("given", Path(given))
    if all(writable(folder / "__pycache__") for folder in packages()):
        return Place("package")
    if writable(home()):
        return Place("home")
    if runs is not None and writable(folder := runs / ".cache" / "numba") and is_ours(folder):
        return Place("runs", folder)
    try:
        return Place("temporary") if writable(Path(tempfile.gettempdir())) else Place("none")
    except OSError:  # Python found none that it can write
        return Place("none")


def packages() -> Iterator[Path]:
    """The folders whose functions are compiled: ours, and the libraries' (found, not imported)."""
    yield Path(__file__).parent
    for name in PACKAGES:
        spec = find_spec(name)
        yield from (Path(folder) for folder in (spec.submodule_search_locations or () if spec else ()))


def home() -> Path:
    """Numba's folder in the home, which need not exist."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "numba" / "Cache"
    if sys.platform == "darwin":
        return Path(os.path.expanduser("~/Library/Caches/numba"))
    return Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")) / "numba"


def writable(folder: Path) -> bool:
    """Whether a file can be made there, and the folder itself where it is missing."""
    if not folder.is_absolute():  # "~" of somebody without a home
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except (OSError, RuntimeError, ValueError):
        return False


def is_ours(folder: Path) -> bool:
    """Whether nobody else may put code there. Windows keeps that in lists that are not looked at."""
    if os.name == "nt":
        return True
    return all(
        (state := os.stat(path)).st_uid == os.geteuid() and not state.st_mode & stat.S_IWOTH
        for path in (folder, folder.parent)
    )
