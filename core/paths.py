"""Where the program's own files lie and where runs go by default. No other module computes these paths.

                a checkout              an installation (pip, pipx, uvx)
    packages    <checkout>              <site-packages>
    assets      <checkout>/assets       <site-packages>/fusionarium/assets
    config      <checkout>              <site-packages>/fusionarium
    runs        <checkout>/runs         the user's data folder

`importlib.resources` would give the same folder, 20 ms later at every start.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import fusionarium

VARIABLE = "FUSIONARIUM_RUNS"


@dataclass(frozen=True)
class Layout:
    """`packages` holds core, dashboard and fusionarium; `config` holds Streamlit's folder `.streamlit`."""

    packages: Path
    assets: Path
    config: Path
    installed: bool


def layout_of(package: Path) -> Layout:
    """The layout around the package `fusionarium`: a wheel maps the assets into it, a checkout has them beside it."""
    packages = package.parent
    if (package / "assets").is_dir():
        return Layout(packages, package / "assets", package, True)
    return Layout(packages, packages / "assets", packages, False)


LAYOUT = layout_of(Path(fusionarium.__file__).resolve().parent)
ASSETS = LAYOUT.assets
PALETTE = ASSETS / "palette.json"  # read by core and, over the server, by the live views


def default_runs() -> Path:
    """The runs folder unless an option names another: FUSIONARIUM_RUNS, else the checkout's or the user's."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    return (user_data() if LAYOUT.installed else LAYOUT.packages) / "runs"


def as_typed(text: str) -> str:
    """The commands in a text of ours as people type them: an installation has `fusionarium` for both programs."""
    if not LAYOUT.installed:
        return text
    return text.replace("python -m core", "fusionarium").replace("python -m dashboard", "fusionarium")


def user_data() -> Path:
    """The user's folder for this program's data, as the system has it; it need not exist."""
    if sys.platform == "win32":
        base = _folder("LOCALAPPDATA", "~/AppData/Local")
    elif sys.platform == "darwin":
        base = _folder("", "~/Library/Application Support")
    else:
        base = _folder("XDG_DATA_HOME", "~/.local/share")
    return base / "fusionarium"


def user_cache() -> Path:
    """The user's folder for what this program can make again; it need not exist."""
    if sys.platform == "win32":
        base = _folder("LOCALAPPDATA", "~/AppData/Local")
    elif sys.platform == "darwin":
        base = _folder("", "~/Library/Caches")
    else:
        base = _folder("XDG_CACHE_HOME", "~/.cache")
    return base / "fusionarium"


def _folder(variable: str, otherwise: str) -> Path:
    """An absolute folder of the environment, else one in the home. Without a home it cannot be made, and that is said."""
    given = Path(os.environ.get(variable, ""))
    folder = given if given.is_absolute() else Path(os.path.expanduser(otherwise))
    return folder if folder.is_absolute() else Path("/nonexistent")
