"""Every fusion on real pairs, beside each sense alone and the late ensemble: `python benchmarks/real.py --data DIR [--seeds 5]
[--fusions a,b]`.

Written and spoken digits, a speaker that training never heard (benchmarks/real_pairs.py). A line per method: test accuracy,
mean and deviation over the seeds, lowest and highest, CPU seconds per run; and the mean of its paired differences to the
best sense alone, with their standard error.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

import torch
from real_pairs import load

from core import catalog
from core.config import RunConfig
from core.data.base import Task
from core.train import train


def reached(task: Task, fusion: str, seeds: int, settings: dict[str, object]) -> tuple[list[float], float]:
    """Test accuracy by seed, and CPU seconds per run."""
    begun = time.process_time()
    found = []
    for seed in range(seeds):
        config = RunConfig.make("av_digits", fusion, "classification", {**settings, "seed": seed})
        found.append(list(train(config, frames=False, look=False, task=task))[-1].values["test/accuracy"])
    return found, (time.process_time() - begun) / seeds


def row(name: str, found: list[float], spent: float, best: list[float]) -> str:
    """A line of the table."""
    gains = [a - b for a, b in zip(found, best, strict=True)]
    error = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
    mean, deviation = statistics.mean(found), statistics.pstdev(found)
    return (
        f"| {name} | {mean:.3f} ± {deviation:.3f} | {min(found):.3f} | {max(found):.3f} "
        f"| {statistics.mean(gains):+.3f} ± {error:.3f} | {spent:.1f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--fusions", metavar="A,B,C", help="only these")
    options = parser.parse_args()
    torch.set_num_threads(1)
    task = load(options.data)
    base: dict[str, object] = {"epochs": options.epochs, "learning_rate": 1e-3}
    print(
        "| method | accuracy | lowest | highest | over the best sense alone | CPU s a run |\n|---|---|---|---|---|---|"
    )
    alone = {}
    for name in task.modalities:
        alone[name] = reached(task, "only", options.seeds, {**base, "fusion.modality": name})
    best = max((found for found, _ in alone.values()), key=statistics.mean)
    for name, (found, spent) in alone.items():
        print(row(f"{name} alone", found, spent, best), flush=True)
    for entry in catalog.catalog()["fusions"]:
        wanted = not options.fusions or entry["name"] in options.fusions.split(",")
        if wanted and entry["stage"] != "single" and (entry["predicts"] is None or "class" in entry["predicts"]):
            found, spent = reached(task, entry["name"], options.seeds, base)
            print(row(entry["name"], found, spent, best), flush=True)


if __name__ == "__main__":
    main()
