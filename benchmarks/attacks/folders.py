"""Damaged run folders: each look at one ends with a sentence about it, and everything else goes on."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from benchmarks.attacks.damages import damages
from benchmarks.attacks.looks import LOOKS, Scene
from core.config import RunConfig
from core.runs import Runs
from core.serving.projector import project_run
from core.training.recorder import record

PATIENCE = 30.0  # seconds that a look may take; a pipe makes a careless one wait for ever
SMALL = {"epochs": 2, "data.train_size": 256, "data.test_size": 64, "width": 16, "batch_size": 64}


def attempts(every: int, only: str) -> Iterator[tuple[str, str, str]]:
    """(damage, look, "" or what broke) of every `every`-th damage whose name contains `only`."""
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "whole"
        sick, well = (_trained(whole, seed) for seed in (0, 1))
        chosen = [(name, damage) for name, damage in damages() if only in name][::every]
        for name, damage in chosen:
            root = Path(place) / "tried" / "runs"
            shutil.copytree(whole, root)
            damage(root / sick)
            for look, work in LOOKS.items():
                yield name, look, _tried(lambda work=work, root=root: work(Scene(root, sick, well)))
            shutil.rmtree(root.parent, ignore_errors=True)


def _trained(root: Path, seed: int) -> str:
    folder, _ = Runs(root).open(RunConfig.make("interactions", "concat", settings={**SMALL, "seed": seed}))
    list(record(folder))
    project_run(folder)
    return folder.name


def _tried(work) -> str:
    """What broke; in a thread, so that a look that waits for ever is noticed."""
    problem = [f"no answer within {PATIENCE:.0f} s"]

    def run() -> None:
        try:
            work()
            problem[0] = ""
        except BaseException as error:
            problem[0] = f"{type(error).__name__}: {str(error)[:300]}"

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return problem[0]
