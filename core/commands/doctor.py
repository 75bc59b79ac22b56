"""Is this machine fit? One line each, with what to do where it is not."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import socket
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core import __version__, catalog, paths
from core.commands.arguments import PORTS, whole_number
from core.config.device import best
from core.errors import RunError
from core.projection import cache
from core.runs import Runs
from core.serving import cpus
from fusionarium import shadows

HELP = "versions, disk, port, threads, device, fonts: one line each, and what to do"
PACKAGES = ("torch", "streamlit", "numpy", "umap-learn", "scikit-learn", "safetensors", "pillow")


def arguments(parser: argparse.ArgumentParser, default_runs: Path) -> None:
    """The options of this command."""
    parser.add_argument("--runs", type=Path, default=default_runs, metavar="DIR", help="the runs folder")
    parser.add_argument("--port", type=whole_number("port", *PORTS), default=8501, help="the port to look at")


def execute(options: argparse.Namespace) -> int:
    """Do it, print the outcome; the exit code: 0 done, 1 a run failed, 2 a choice that cannot be."""
    lines = [
        _python(),
        _program(),
        _names(Path.cwd()),
        *map(_package, PACKAGES),
        _runs(options.runs),
        _disk(options.runs),
        _leftovers(options.runs),
        *_catalogue(),
        _port(options.port),
        _threads(),
        _device(),
        _fonts(),
        _kernels(options.runs),
    ]
    for good, name, text in lines:
        print(f"{'ok  ' if good else 'LOOK'}  {name:<14} {text}")
    return 0


Line = tuple[bool, str, str]


def _python() -> Line:
    return True, "python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _program() -> Line:
    kind = "installed" if paths.LAYOUT.installed else "a checkout"
    return True, "fusionarium", f"{__version__}, {kind} in {paths.LAYOUT.packages}"


def _names(folder: Path) -> Line:
    """Whether `core` and `dashboard` mean ours: to an import, to `python -m` in this folder, and to pip."""
    problem = shadows.in_the_way()
    if problem:
        return False, "packages", problem
    for name, owners in shadows.rivals().items():
        advice = "install Fusionarium in an environment of its own"
        return False, "packages", f"{' and '.join(owners)} also installed a package {name}; {advice}"
    if names := shadows.neighbours(folder):
        advice = f"type fusionarium there, not python -m {names[0]}"
        return False, "packages", f"{folder} has a {' and a '.join(names)} of its own; {advice}"
    return True, "packages", "core and dashboard are ours"


def _package(name: str) -> Line:
    try:
        return True, name, version(name)
    except PackageNotFoundError:
        return False, name, "absent; install Fusionarium again, as its README says"


def _runs(runs: Path) -> Line:
    """Where runs are stored, and who said so."""
    if runs != paths.default_runs():
        return True, "runs", f"{runs}, as --runs says"
    if os.environ.get(paths.VARIABLE):
        return True, "runs", f"{runs}, as {paths.VARIABLE} says"
    place = "your data folder" if paths.LAYOUT.installed else "this checkout"
    return True, "runs", f"{runs}, in {place}; --runs or {paths.VARIABLE} name another"


def _disk(runs: Path) -> Line:
    try:
        Runs(runs)
    except RunError as error:
        return False, "runs folder", str(error)
    free = shutil.disk_usage(runs).free / 1e9
    advice = "" if free > 1 else "; delete runs that you no longer need"
    return free > 1, "disk", f"{free:.1f} GB free for {runs}{advice}"


def _leftovers(runs: Path) -> Line:
    try:
        left = Runs(runs).leftover_mb()
    except RunError as error:
        return False, "leftovers", str(error)
    app = paths.as_typed("`python -m dashboard`")
    text = f"crashes left {left:.1f} MB; the next start of {app} clears them" if left else "none"
    return not left, "leftovers", text


def _catalogue() -> list[Line]:
    """What is wrong with plug-ins and people's data; one line each, or one that says how much there is."""
    count = sum(len(entries) for entries in catalog.catalog().values() if isinstance(entries, list))
    return [(False, "catalogue", str(problem)) for problem in catalog.problems()] or [
        (True, "catalogue", f"{count} entries")
    ]


def _port(port: int) -> Line:
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    text = (
        f"{port} is in use; start with --port {port + 1 if port < PORTS[1] else 8501}" if taken else f"{port} is free"
    )
    return not taken, "port", text


def _threads() -> Line:
    count, quota = cpus.usable(), cpus.container_quota()
    cores = f"{count} core{'s' if count > 1 else ''} may be used of {os.cpu_count()}"
    limit = "" if quota is None else f", a container's quota is {quota:g}"
    return True, "threads", f"{cores}{limit}; a run uses one unless threads says otherwise"


def _device() -> Line:
    return True, "device", f"auto means {best()} here"


_PLACES = {
    "given": "in {path}, as NUMBA_CACHE_DIR says",
    "package": "beside the program and its libraries",
    "home": "in {path}",
    "runs": "in {path}, since neither the program's folder nor the home can be written",
    "temporary": "in a temporary folder, anew at each start: it takes longer until the map has UMAP",
    "none": "nowhere, compiled anew at each start: it takes longer until the map has UMAP",
}


def _kernels(runs: Path) -> Line:
    """Where the projector keeps compiled code, and whether numba, which compiles it, is there."""
    try:
        import numba
    except Exception as error:  # whatever a mismatched installation raises
        return False, "map", f"numba cannot be loaded ({error}), so there is PCA and no UMAP; install it again"
    place = cache.choose(runs if runs.is_dir() else None)
    path = place.path or (cache.home() if place.kind == "home" else None)
    kept = _PLACES[place.kind].format(path=path)
    good = place.kind not in ("temporary", "none")
    advice = "" if good else f"; let {cache.VARIABLE} name a folder that can be written"
    return good, "map", f"numba {numba.__version__}, its code kept {kept}{advice}"


def _fonts() -> Line:
    """Browsers on other machines bring their own; this is for screenshots and a browser on this one."""
    if platform.system() != "Linux":
        return True, "fonts", "the system's own"
    if shutil.which("fc-list") is None:
        return False, "fonts", "fc-list is absent, so Chinese fonts could not be looked for"
    found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip()
    return bool(found), "fonts", "Chinese fonts found" if found else "no Chinese font; install fonts-noto-cjk"
