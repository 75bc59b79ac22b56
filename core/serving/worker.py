"""A warm process that trains one run at a time: `python -m core.serving.worker`.

Standard input carries a JSON line a job: {"job": "train", "folders": ["<folder>", ...]} (several: seeds of one choice,
trained together) or a task of core/serving/tasks.py. Standard output answers {"ready": true, "device": ...} once, then
{"done": "<run>", "status": ...} a run, {"made": "<job>", "message": ...} a task. A run that trained alone also tells
whether its other seeds would gain together. When the input closes (the server is gone) the job under way is finished
first. Torch is imported and the default data are loaded before a person clicks.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # a waiting thread must not burn a core of a small machine
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from core import catalog
from core.advisor.ask import answer, record
from core.compare.table import update
from core.config import RunConfig
from core.config.device import best
from core.errors import FusionariumError
from core.runs import Runs, read_config, store
from core.training import cost_estimate as estimates
from core.training import malloc
from core.training.loop import train
from core.training.multi_seed import quicker
from core.training.recorder import record_multi_seed


def main() -> None:
    """Warm up, then serve."""
    torch.set_num_threads(1)
    malloc.keep_freed()
    warm_up()
    send({"ready": True, "device": best(), "pid": os.getpid()})
    for line in sys.stdin:
        job = json.loads(line)
        kind = job.pop("job")
        if kind == "train":
            serve([Path(folder) for folder in job["folders"]])
            malloc.give_back()
        else:
            run_task(kind, job)


def run_task(kind: str, values: dict[str, Any]) -> None:
    """Make what is asked for. The worker lives on, whatever lies in the folder or the data are; the reason is said."""
    message = ""
    try:
        TASKS[kind](**values)
    except Exception as error:
        message = str(error)
    send({"made": kind, "message": message})


def compare(folder: str) -> None:
    """Write the table of a comparison. One that cannot be made is left as it was."""
    update(Path(folder), Runs(Path(folder).parents[1]))


def advise(runs: str, dataset: str, data: dict[str, Any]) -> None:
    """Write what the data say, then how often that was right. Where it cannot be made, the reason is written."""
    answer(Path(runs), dataset, data)
    record(Runs(runs))


def estimate(runs: str, config: dict[str, Any]) -> None:
    """Write what a run of this config will cost."""
    estimates.write(Path(runs), RunConfig.from_json(config))


TASKS: dict[str, Callable[..., None]] = {"compare": compare, "advise": advise, "estimate": estimate}


def serve(folders: list[Path]) -> None:
    """One run, or several together; each is done when it ends. Their troubles end in their status; the worker lives on."""
    waiting = {folder: {"status": "failed", "message": ""} for folder in folders}
    try:
        for folder, status in record_multi_seed(folders):
            if folder in waiting and status.get("status") != "running":
                del waiting[folder]
                send(ended(folder, status, len(folders) == 1))
    except Exception as error:  # the folder was deleted under us, or another process has it
        for folder in waiting:
            send(ended(folder, {"status": "failed", "message": str(error)}))


def ended(folder: Path, status: dict[str, Any], alone: bool = False) -> dict[str, Any]:
    """What the server is told of a run that is over."""
    told = {"done": folder.name, "status": status.get("status"), "message": status.get("message", "")}
    return told | ({"together": others_gain(folder)} if alone and status.get("status") == "finished" else {})


def others_gain(folder: Path) -> bool:
    """Whether other seeds of this finished run would be trained sooner together."""
    try:
        return quicker(read_config(folder), int(store.read_result(folder)["flops"]))
    except (FusionariumError, OSError, KeyError):
        return False


def warm_up() -> None:
    """Load each data set's default and train one step of its default choice: imports, allocators, caches."""
    for name in catalog.names("datasets"):
        config = RunConfig.make(name, settings={"epochs": 1})
        for _ in zip(range(2), train(config), strict=False):
            pass
        quicker(config, 0)  # the first stack of a process takes its time
    gc.collect()
    gc.freeze()


def send(message: dict[str, Any]) -> None:
    """One line to the server; if it is gone there is nobody to tell."""
    try:
        print(json.dumps(message), flush=True)
    except (BrokenPipeError, OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
