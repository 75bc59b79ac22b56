"""A warm process that trains one run at a time: `python -m core.worker`.

Standard input carries a JSON line a job, {"train": "<folder>"} or {"compare": "<folder>"}; standard output answers
{"ready": true, "device": ...} once, then {"done": "<run>", "status": ...} or {"compared": "<id>"} a job. When the input closes (the server is gone) the job under way is
finished first. Torch is imported and the default data are loaded before a person clicks.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # a waiting thread must not burn a core of a small machine
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gc
import json
import sys
from pathlib import Path
from typing import Any

import torch

from core import catalog
from core.child import step_back
from core.compare.table import update
from core.config import RunConfig
from core.device import best
from core.recorder import record
from core.runs import Runs
from core.train import train


def main() -> None:
    """Warm up, then serve."""
    step_back()
    torch.set_num_threads(1)
    warm_up()
    say({"ready": True, "device": best(), "pid": os.getpid()})
    for line in sys.stdin:
        job = json.loads(line)
        compare(Path(job["compare"])) if "compare" in job else serve(Path(job["train"]))


def compare(folder: Path) -> None:
    """Write the table of a comparison. One that cannot be made is left as it was; the reason is said."""
    message = ""
    try:
        update(folder, Runs(folder.parents[1]))
    except Exception as error:  # the worker lives on, whatever lies in the folder
        message = str(error)
    say({"compared": folder.name, "message": message})


def serve(folder: Path) -> None:
    """One run. Its own troubles end in its status; the worker lives on."""
    status: dict[str, Any] = {}
    try:
        *_, status = record(folder)
    except Exception as error:  # the folder was deleted under us, or another process has it
        status = {"status": "failed", "message": str(error)}
    say({"done": folder.name, "status": status.get("status"), "message": status.get("message", "")})


def warm_up() -> None:
    """Load each data set's default and train one step of its default choice: imports, allocators, caches."""
    for name in catalog.names("datasets"):
        steps = train(RunConfig.make(name, settings={"epochs": 1}))
        for _ in zip(range(2), steps, strict=False):
            pass
    gc.collect()
    gc.freeze()


def say(message: dict[str, Any]) -> None:
    """One line to the server; if it is gone there is nobody to tell."""
    try:
        print(json.dumps(message), flush=True)
    except (BrokenPipeError, OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
