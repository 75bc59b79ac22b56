"""Seeds trained together against the same seeds one after another: CPU time of whole runs, validation and last look included.

    python benchmarks/multi_seed.py [--seeds 5,8] [--fusions concat,tensor,...] [--rounds 3] [--set width=32]

The least process CPU time of interleaved rounds in one process at one thread, and what `quicker` says of each choice.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from core.commands.train import assignment
from core.config import RunConfig
from core.train import train
from core.training.diagnostics import costs
from core.training.multi_seed import quicker, train_multi_seed
from core.training.state import TrainState


def seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def compared(configs: list[RunConfig], rounds: int) -> tuple[float, float]:
    """CPU seconds one after another and together."""
    apart, together = [], []
    for _ in range(rounds):
        apart.append(seconds(lambda: [list(train(config)) for config in configs]))
        together.append(seconds(lambda: list(train_multi_seed(configs))))
    return min(apart), min(together)


def main() -> None:
    """Print a line per choice."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dataset", default="interactions")
    parser.add_argument("--fusions", default="concat,tensor,late_average,input_mlp,gated")
    parser.add_argument("--seeds", default="5,8")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    torch.set_num_threads(1)
    settings = dict(assignment(text) for text in options.set)
    print(f"{'fusion':<16} {'seeds':>5} {'MFLOP':>6} {'apart':>7} {'together':>8} {'ratio':>6}  quicker")
    for fusion in options.fusions.split(","):
        for count in map(int, options.seeds.split(",")):
            configs = [RunConfig.make(options.dataset, fusion, settings={**settings, "seed": s}) for s in range(count)]
            work = costs(TrainState.build(configs[0]))["flops"] * configs[0].batch_size / 1e6
            list(train_multi_seed([config.with_settings(epochs=1) for config in configs]))
            apart, together = compared(configs, options.rounds)
            figures = f"{work:6.2f} {apart:7.2f} {together:8.2f} {apart / together:6.2f}"
            print(f"{fusion:<16} {count:>5} {figures}  {quicker(configs[0])}", flush=True)


if __name__ == "__main__":
    main()
