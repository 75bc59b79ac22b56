"""A card against this machine's processor: does it answer the same, and what does it gain. One call, under five minutes.

    python benchmarks/gpu.py [--small] [--out FILE]

Needs this repository and torch; without `--out` a card's figures go to benchmarks/results/gpu-<card>.json. `--small` is the
same on little data with whatever there is, so that it is known to run before a card is at hand. Times are medians of stretches
of steps that end when the device has caught up; a part that cannot be had says why instead of a figure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

import torch
from gpu_agreement import agreement, attempted, chosen, repeatable
from gpu_steps import captured, eager, graph_difference, large_task, milliseconds, stacked

from core.config import RunConfig
from core.runs import Runs, store
from core.serving.executor import Executor
from core.training.recorder import record
from core.training.state import TrainState

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> int:
    """Write the figures and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="little data, few steps: does it run?")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    card = torch.cuda.get_device_name() if device.type == "cuda" else "none"
    found: dict[str, Any] = {
        "card": card,
        "date": date.today().isoformat(),
        "torch": torch.__version__,
        "processor": f"{platform.machine()}, {os.cpu_count()} cores, one thread",
        "small": options.small,
    }
    parts: tuple[tuple[str, Callable[[torch.device, bool], Any]], ...] = (
        ("agreement", agreement),
        ("repeatable", repeatable),
        ("throughput", throughput),
        ("graph", graph),
        ("seeds_together", seeds_together),
        ("precision", precision),
        ("click_to_first_loss", click),
    )
    for name, part in parts:
        begun = time.perf_counter()
        found[name] = attempted(part, device, options.small)
        print(f"{name} ({time.perf_counter() - begun:.0f} s): {json.dumps(found[name])}", flush=True)
        if out := options.out or (None if card == "none" else RESULTS / f"gpu-{_plain(card)}.json"):
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def throughput(device: torch.device, small: bool) -> dict[str, Any]:
    """Training samples per second: the default choice of each data set, and 28x28 pictures with 112x112 spectrograms."""
    rows: dict[str, Any] = {}
    kinds = dict.fromkeys(("cpu", device.type))
    for dataset in ("interactions", "av_digits", "captions"):
        rows[dataset] = {kind: _rate(chosen(dataset, device=kind), None, kind, 20 if small else 100) for kind in kinds}
    for batch in (128,) if small else (128, 1024):
        task = large_task(2 * batch)
        for encoder in ("default",) if small else ("default", "lenet"):
            own = {} if encoder == "default" else {"encoder.image": encoder, "encoder.audio": encoder}
            rows[f"28x28 + 112x112, {encoder} encoders, batch {batch}"] = {
                kind: _rate(
                    chosen("av_digits", settings={**own, "batch_size": batch}, device=kind),
                    task,
                    kind,
                    max(1, 384 // batch) if kind == "cpu" else 50,
                )
                for kind in kinds
            }
    return rows


def _rate(config: RunConfig, task: Any, kind: str, steps: int) -> float:
    state = TrainState.build(config, task)
    return round(1000 * config.batch_size / milliseconds(eager(state), torch.device(kind), steps, 3))


def graph(device: torch.device, small: bool) -> dict[str, Any]:
    """Milliseconds per step: eager, and the whole step as one CUDA graph. The difference is what launching costs."""
    rows: dict[str, Any] = {}
    for dataset, fusion in (
        ("interactions", "concat"),
        ("av_digits", "concat"),
        ("captions", "concat"),
        ("interactions", "bottleneck"),
    ):
        rows[f"{dataset} {fusion}"] = attempted(lambda d, s, c=(dataset, fusion): _graph(*c, d, s), device, small)
    return rows


def _graph(dataset: str, fusion: str, device: torch.device, small: bool) -> dict[str, float]:
    config, steps = chosen(dataset, fusion, device=device.type), 10 if small else 200
    alone = milliseconds(eager(TrainState.build(config)), device, steps)
    if device.type != "cuda":
        return {"eager_ms": round(alone, 3)}
    replayed = milliseconds(captured(TrainState.build(config)), device, steps)
    return {
        "eager_ms": round(alone, 3),
        "graph_ms": round(replayed, 3),
        "launching_ms": round(alone - replayed, 3),
        "eager/graph": round(alone / replayed, 2),
        "largest_difference_of_a_weight": graph_difference(config, 20),
    }


def seeds_together(device: torch.device, small: bool) -> dict[str, Any]:
    """Milliseconds per update of 1, 5, 8 and 16 stacked seeds against one model alone: both eager, both as a CUDA graph."""
    rows: dict[str, Any] = {}
    for dataset in ("interactions", "av_digits"):
        config, steps = chosen(dataset, device=device.type), 5 if small else 100
        for graph in (False, True) if device.type == "cuda" else (False,):
            step = (captured if graph else eager)(TrainState.build(config))
            alone = milliseconds(step, device, steps)
            own: dict[str, Any] = {"alone_ms": round(alone, 3)}
            for seeds in (1, 5) if small else (1, 5, 8, 16):
                time_ = milliseconds(stacked(config, seeds, graph), device, steps)
                own[str(seeds)] = {"ms": round(time_, 3), "of one alone": round(time_ / alone, 2)}
            rows[f"{dataset} {'graph' if graph else 'eager'}"] = own
    return rows


def precision(device: torch.device, small: bool) -> dict[str, Any]:
    """Milliseconds per step at float32, with TF32 in both passes, and with bfloat16 where autocast puts it."""
    batch, steps = (16, 3) if small else (1024, 50)
    lenet = {"encoder.image": "lenet", "encoder.audio": "lenet"}  # the default ones wait for launches, not products
    config = chosen("av_digits", settings={**lenet, "batch_size": batch}, device=device.type)
    task, rows = large_task(2 * batch), {}
    for name in ("float32", "tf32", "bfloat16") if device.type == "cuda" else ("float32", "bfloat16"):
        # autocast is of the forward pass alone, as its makers advise; TF32 of all
        context = partial(torch.autocast, device.type, torch.bfloat16) if name == "bfloat16" else nullcontext
        with _tf32(name == "tf32"):
            rows[name] = round(milliseconds(eager(TrainState.build(config, task), context), device, steps, 3), 3)
    return rows


class _tf32:
    """Matrix products and convolutions may use TF32 inside, or may not."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __enter__(self) -> None:
        self.before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = self.on

    def __exit__(self, *error: object) -> None:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = self.before


def click(device: torch.device, small: bool) -> dict[str, Any]:
    """Seconds from a request to the first loss on disk, of a warm worker; and what a whole default run takes there."""
    with tempfile.TemporaryDirectory() as root:
        executor = Executor(Path(root), workers=1, projects=False)
        executor.start()
        begun = time.perf_counter()
        while not executor.ready:
            if time.perf_counter() - begun > 120:
                raise TimeoutError("no worker became ready within 120 s")
            time.sleep(0.05)
        found: dict[str, Any] = {"worker_ready_s": round(time.perf_counter() - begun, 2)}
        waits = [_first_loss(executor, Path(root), seed, device.type) for seed in range(2 if small else 5)]
        found |= {"first_ms": round(1000 * waits[0]), "median_ms": round(1000 * statistics.median(waits))}
        executor.close()
        folder, _ = Runs(root).open(
            chosen("av_digits", settings={"seed": 99}, device=device.type, epochs=1 if small else None)
        )
        for status in record(folder):
            found["av_digits_run_s"] = status.get("seconds")
        return found


def _first_loss(executor: Executor, root: Path, seed: int, kind: str) -> float:
    config = chosen("interactions", settings={"seed": seed}, device=kind, epochs=2)
    begun = time.perf_counter()
    run = executor.submit(config).run
    while not any("train/loss" in line for line in store.read_records(root / run)):
        if time.perf_counter() - begun > 60:
            raise TimeoutError("no loss within 60 s")
        time.sleep(0.001)
    waited = time.perf_counter() - begun
    while store.read_status(root / run)["status"] in ("queued", "running"):
        time.sleep(0.02)
    return waited


def _plain(card: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", card.lower()).strip("-")


if __name__ == "__main__":
    sys.exit(main())
