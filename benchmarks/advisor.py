"""Does the advisor foresee where an interaction wins? `python benchmarks/advisor.py [--tasks 240] [--samples 4096]`

Random discrete tasks as one-hot features; a task is positive where the best late accuracy, exactly, lies more than a point
below the best possible. AUC of the advisor's figures over all tasks, and its track record.
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
from sklearn.metrics import roc_auc_score
from tasks import random_task, samples

from core.advisor import advise, track_record
from core.advisor.stakes import accuracy_lost
from core.metrics.late_price import best_late, late_price

POINT = 0.01


def main() -> None:
    """Print a line a figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=240)
    parser.add_argument("--samples", type=int, default=4096)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    won, bits, points, true_bits, past = [], [], [], [], []
    begun = time.process_time()
    for task in range(options.tasks):
        p = random_task(rng)
        first, second, label = samples(p, options.samples, rng)
        features = {"x1": np.eye(p.shape[0])[first], "x2": np.eye(p.shape[1])[second]}
        advice = advise(features, label, seed=task)
        found = advice.speaks.estimate
        won.append(bool(accuracy_lost(p, best_late(p)) > POINT))
        true_bits.append(late_price(p))
        bits.append(found.price if found else np.nan)
        points.append(found.stakes.points if found else np.nan)
        past.append((advice.family, won[-1]))
    known = ~np.isnan(bits)
    error = np.abs(np.array(bits) - true_bits)[known]
    record = track_record(past)
    print(f"tasks {options.tasks} of {options.samples} samples, positive {sum(won)}, with a table {known.sum()}")
    for name, score in (("points lost", points), ("price in bits", bits), ("true price in bits", true_bits)):
        print(f"AUC by {name}: {roc_auc_score(np.array(won)[known], np.array(score)[known]):.3f}")
    print(f"price against truth: mean absolute error {error.mean():.4f} bits, largest {error.max():.4f}")
    print(f"track record: {record}, {record.share:.3f} of those answered")
    print(f"CPU {(time.process_time() - begun) / options.tasks:.2f} s a task")


if __name__ == "__main__":
    main()
