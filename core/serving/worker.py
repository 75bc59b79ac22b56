"""A warm process that trains one run at a time: `python -m core.serving.worker`.

Standard input carries jobs and standard output what they give, one JSON object a line (core/serving/messages.py). A run that
trained alone also tells whether its other seeds would gain together. When the input closes (the server is gone) the job
under way is finished first. Torch is imported and the default data are loaded before a person clicks.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # a waiting thread must not burn a core of a small machine
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gc
import json
import queue
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

from core import catalog
from core.advisor.ask import answer, record
from core.compare.table import update
from core.config import RunConfig
from core.config.device import resolve
from core.errors import FusionariumError
from core.runs import Runs, read_config, store
from core.runs.types import RunState
from core.serving.messages import Message, RunDone, Task, Train
from core.training import cost_estimate as estimates
from core.training import malloc
from core.training.loop import train
from core.training.multi_seed import quicker
from core.training.multi_seed_recorder import record_multi_seed


def main() -> None:
    """Warm up, then serve."""
    torch.set_num_threads(1)
    malloc.keep_freed()
    warm_up()
    send({"type": "ready", "device": resolve("auto")})
    inbox = Inbox()
    threading.Thread(target=inbox.read, args=(sys.stdin,), daemon=True).start()
    while (job := inbox.jobs.get()) is not None:
        catalog.read_folder(runs_folder(job))
        if job["type"] == "train":
            serve([Path(folder) for folder in job["folders"]], inbox.stop_requested)
            malloc.give_back()
        else:
            run_task(job)


def runs_folder(job: Train | Task) -> Path:
    """The runs folder that a job belongs to."""
    if job["type"] == "train":
        return Path(job["folders"][0]).parent
    return Path(job["folder"]).parents[1] if job["type"] == "compare" else Path(job["runs"])


class Inbox:
    """What the server sends, read while a run trains: jobs in their order, and which runs are to be stopped."""

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[Train | Task | None] = queue.SimpleQueue()
        self._stopping: set[str] = set()

    def read(self, lines: Iterable[str]) -> None:
        """Until the input closes, which comes after the jobs: None."""
        for line in lines:
            message = json.loads(line)
            if message["type"] == "stop":
                self._stopping.add(message["run"])
                continue
            if message["type"] == "train":  # asked for anew since
                self._stopping -= {Path(folder).name for folder in message["folders"]}
            self.jobs.put(message)
        self.jobs.put(None)

    def stop_requested(self, run: str) -> bool:
        """Whether the server no longer needs this run."""
        return run in self._stopping


def run_task(task: Task) -> None:
    """Make what is asked for. The worker lives on, whatever lies in the folder or the data are; the reason is sent."""
    message = ""
    try:
        TASKS[task["type"]](**{name: value for name, value in task.items() if name != "type"})
    except Exception as error:
        message = str(error)
    send({"type": "made", "task": task["type"], "message": message})


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


def serve(folders: list[Path], stop_requested: Callable[[str], bool]) -> None:
    """One run, or several together; each is done when it ends. Their troubles end in their status; the worker lives on."""
    waiting = dict.fromkeys(folders)
    try:
        for folder, status in record_multi_seed(folders, stop_requested):
            if folder in waiting and status["status"] != RunState.RUNNING:
                del waiting[folder]
                send(done(folder, status["status"], status.get("message", ""), len(folders) == 1))
    except Exception as error:  # the folder was deleted under us, or another process has it
        for folder in waiting:
            send(done(folder, RunState.FAILED, str(error)))


def done(folder: Path, status: RunState, message: str, alone: bool = False) -> RunDone:
    """What the server is sent of a run that is over."""
    report = RunDone(type="done", run=folder.name, status=status, message=message)
    if alone and status == RunState.FINISHED:
        report["together"] = others_gain(folder)
    return report


def others_gain(folder: Path) -> bool:
    """Whether other seeds of this finished run would be trained sooner together."""
    try:
        return quicker(read_config(folder), int(store.read_result(folder)["flops"]))
    except (FusionariumError, OSError, KeyError):
        return False


def warm_up() -> None:
    """Load each shipped data set's default and train one step of its default choice: imports, allocators, caches."""
    for name in (entry["name"] for entry in catalog.catalog()["datasets"] if "source" not in entry):
        config = RunConfig.make(name, settings={"epochs": 1})
        for _ in zip(range(2), train(config), strict=False):
            pass
        quicker(config, 0)  # the first stack of a process takes its time
    gc.collect()
    gc.freeze()


def send(message: Message) -> None:
    """One line to the server; if it is gone there is nobody to tell."""
    try:
        print(json.dumps(message), flush=True)
    except (BrokenPipeError, OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
