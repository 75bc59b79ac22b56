"""What every fusion reaches on the built-in data: `python benchmarks/learning.py [--seeds 5] [--first 0] [--fusions a,b]`.

One line per method: mean of the key figure over the seeds, its worst, and process CPU seconds per run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from core import catalog
from core.config import RunConfig
from core.train import train

KEYS = {"interactions": "test/accuracy/synergy", "av_digits": "test/accuracy"}


def line(dataset: str, fusion: str, seeds: range) -> str:
    """A row of the table."""
    values, spent = [], []
    for seed in seeds:
        begun = time.process_time()
        last = list(train(RunConfig.make(dataset, fusion, settings={"seed": seed})))[-1]
        spent.append(time.process_time() - begun)
        values.append(last.values[KEYS[dataset]])
    mean = sum(values) / len(values)
    return (
        f"| {dataset} | {fusion} | {mean:.3f} | {min(values):.3f} | {max(values):.3f} | {sum(spent) / len(spent):.1f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--fusions", default=",".join(catalog.names("fusions")))
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| data | fusion | mean | lowest | highest | CPU s a run |\n|---|---|---|---|---|---|")
    for dataset in KEYS:
        for fusion in options.fusions.split(","):
            print(line(dataset, fusion, range(options.first, options.first + options.seeds)), flush=True)


if __name__ == "__main__":
    main()
