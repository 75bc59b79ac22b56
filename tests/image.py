"""The Dockerfile's build stage, carried out in a folder: CI has no daemon, and these are the steps of an installation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPO = Path(__file__).resolve().parents[1]
DOCKERFILE = REPO / "Dockerfile"


def steps(instruction: str) -> list[str]:
    """What stands behind `instruction` in the build stage, in order."""
    lines = DOCKERFILE.read_text(encoding="utf-8").split("\nFROM ")[1].splitlines()
    return [line.removeprefix(f"{instruction} ") for line in lines if line.startswith(f"{instruction} ")]


def is_download(step: str) -> bool:
    """Whether a step installs what requirements pin: here the test environment's installation is linked instead."""
    return "pip install" in step and "/wheel/" not in step


def build(root: Path) -> Path:
    """`root/env`: the program as the image has it. `root/wheel` has the wheel, `root/build` what was copied."""
    (root / "build").mkdir()
    for copied in steps("COPY"):
        for source in (REPO / word for word in copied.split()[:-1]):
            target = root / "build" / source.name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "scripts"))
            else:
                shutil.copy(source, target)
    tools = {"PIP_NO_BUILD_ISOLATION": "0", "PYTHONPATH": sysconfig.get_path("purelib")}  # the build tool is installed
    for step in steps("RUN"):
        if not is_download(step):
            for folder in ("/env", "/wheel"):
                step = step.replace(f" {folder}", f" {root}{folder}")
            line = f"{root}{step}" if step.startswith("/env") else step
            environment = {**os.environ, **(tools if "pip wheel" in step else {})}
            subprocess.run(["sh", "-ec", line], cwd=root / "build", env=environment, check=True, timeout=180)
    return root / "env"


def link_declared(requirements: list[Requirement], site: Path) -> set[str]:
    """Link what is required, and what that requires in turn, into `site`; their names."""
    waiting, known = list(requirements), set()
    while waiting:
        need = waiting.pop()
        name = canonicalize_name(need.name)
        if name in known or (need.marker is not None and not need.marker.evaluate({"extra": ""})):
            continue
        known.add(name)
        installed = metadata.distribution(name)
        assert need.specifier.contains(installed.version, prereleases=True), f"{need}, tested with {installed.version}"
        waiting += map(Requirement, installed.requires or ())
        for top in {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(installed.locate_file(top))))
    return known
