"""The engine against a raw loop of the same model, optimiser and clipping; and with its pictures on against off.

    python benchmarks/engine.py [--pairs 20] [--dataset av_digits]

Process CPU time of interleaved pairs in one process, warmed up; the ratio is raw / engine, so 1 means no overhead.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from core.config import RunConfig
from core.seeding import generator
from core.train import train
from core.training.state import TrainState


def raw(config: RunConfig) -> None:
    """What one would write by hand: forward, loss, backward, clip, step. No record, no validation."""
    state = TrainState.build(config)
    model, objective, optimizer = state.model, state.objective, state.optimizer
    data = state.task.train
    parameters = [*model.parameters(), *objective.parameters()]
    from core.output import Batch

    for epoch in range(config.epochs):
        order = torch.randperm(len(data.target), generator=generator(config.seed, "order", str(epoch)))
        for rows in order.split(config.batch_size):
            inputs = {name: x[rows] for name, x in data.inputs.items()}
            present = {name: x[rows] for name, x in data.present.items()}
            batch = Batch(inputs, present, data.target[rows], data.pair[rows], rows)
            loss = objective.total(objective(model(batch), batch))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, config.clip_norm)
            optimizer.step()


def engine(config: RunConfig, look: bool = False, frames: bool = False) -> None:
    """The product's loop to its last epoch; the tables that it makes once, after training, are left out."""
    for step in train(config, frames=frames, look=look):
        if step.epoch == config.epochs:
            break


def seconds(work, *arguments: object) -> float:
    begun = time.process_time()
    work(*arguments)
    return time.process_time() - begun


def main() -> None:
    """Print a line a figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--dataset", default="av_digits")
    parser.add_argument("--fusion", default="concat")
    options = parser.parse_args()
    torch.set_num_threads(1)
    config = RunConfig.make(options.dataset, options.fusion, settings={"epochs": 6})
    engine(config, True, True)
    raw(config)
    rows = [
        (
            seconds(raw, config),
            seconds(engine, config),
            seconds(engine, config, True),
            seconds(engine, config, True, True),
        )
        for _ in range(options.pairs)
    ]
    loops = [a / b for a, b, *_ in rows]
    looks = [b / c for *_, b, c in rows]
    for name, ratios in (("raw loop / engine", loops), ("pictures and embedding metrics off / on", looks)):
        print(
            f"{options.dataset} {name}: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} pairs"
        )


if __name__ == "__main__":
    main()
