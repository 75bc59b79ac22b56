"""Is the price of late fusion what a jointly trained sum of logits really loses? `python benchmarks/late_price.py [--tasks 20] [--samples 20000]`

On random discrete tasks two models are trained on samples of one-hot codes: late (experts whose log-probabilities are added,
trained jointly, convex, to the optimum) and joint (a hidden layer over both). The gap of their cross-entropies on all data,
held out, against the exact price D of the task.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

import numpy as np
import torch
from tasks import random_task, samples
from torch import Tensor, nn

from core.metrics.late_price import late_price

WIDTH = 64
BITS = 1 / np.log(2)


class Late(nn.Module):
    def __init__(self, a: int, b: int, c: int) -> None:
        super().__init__()
        self.first, self.second, self.prior = nn.Linear(a, c), nn.Linear(b, c), nn.Parameter(torch.zeros(c))

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """(N, A), (N, B) -> (N, C) logits: log p1 + log p2 - prior."""
        return self.first(x1).log_softmax(1) + self.second(x2).log_softmax(1) - self.prior


class Joint(nn.Module):
    def __init__(self, a: int, b: int, c: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(a + b, WIDTH), nn.ReLU(), nn.Linear(WIDTH, c))

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """(N, A), (N, B) -> (N, C) logits."""
        return self.net(torch.cat([x1, x2], 1))


def trained(model: nn.Module, cells: Tensor, shape: tuple[int, int, int], steps: int = 150) -> Tensor:
    """Fit to the training counts (A, B, C) by L-BFGS; log-probabilities (A, B, C) of the fitted model."""
    a, b, c = shape
    x1, x2 = torch.eye(a).repeat_interleave(b, 0), torch.eye(b).repeat(a, 1)
    share = (cells / cells.sum()).reshape(a * b, c)
    optimizer = torch.optim.LBFGS(
        model.parameters(), max_iter=steps, line_search_fn="strong_wolfe", tolerance_change=1e-10
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = -(share * model(x1, x2).log_softmax(1)).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return model(x1, x2).log_softmax(1).detach().reshape(shape)


def counted(p: np.ndarray, count: int, rng: np.random.Generator) -> Tensor:
    """Counts (A, B, C) of fresh samples: the model sees nothing else of them, for inputs are one-hot."""
    cell = np.ravel_multi_index(samples(p, count, rng), p.shape)
    return torch.from_numpy(np.bincount(cell, minlength=p.size).reshape(p.shape)).float()


def main() -> None:
    """Print a line a task, then the agreement."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    prices, gaps, begun = [], [], time.process_time()
    for task in range(options.tasks):
        p = random_task(rng)
        train, test = counted(p, options.samples, rng), counted(p, options.samples, rng)
        late, joint = (trained(model(*p.shape), train, p.shape) for model in (Late, Joint))
        gaps.append(float((test * (joint - late)).sum() / test.sum()) * BITS)
        prices.append(late_price(p))
        print(f"task {task:2d} {p.shape}: price {prices[-1]:.4f}, measured gap {gaps[-1]:.4f} bits", flush=True)
    error = np.abs(np.array(prices) - gaps)
    print(
        f"Pearson {np.corrcoef(prices, gaps)[0, 1]:.4f}, mean absolute error {error.mean():.4f} bits, largest {error.max():.4f}"
    )
    print(f"CPU {time.process_time() - begun:.1f} s")


if __name__ == "__main__":
    main()
