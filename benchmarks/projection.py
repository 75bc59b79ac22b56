"""Live UMAP against `umap.UMAP().fit_transform`: cost, quality and calm, over the frames of a real run.

    python benchmarks/projection.py [--points 1000] [--epochs 30]

1,000 samples of two modalities are 2,000 points. Figures are process CPU time, prewarmed, in one process.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from core.config import RunConfig
from core.projection.neighbours import squared_distances
from core.projection.quality import sample_rows, trust_and_continuity
from core.projection.umap_live import LiveUmap
from core.projection.unit import unit
from core.train import train


def sequence(epochs: int, samples: int) -> list[np.ndarray]:
    """The unit embeddings (P, D) of every validation of a contrastive run."""
    settings = {"epochs": epochs, "data.train_size": 2048, "data.test_size": samples, "learning_rate": 1e-3}
    config = RunConfig.make("interactions", "concat", "classification+infonce", settings)
    frames = [step.frame.z for step in train(config) if step.frame is not None]
    return [unit(z.astype(np.float32).reshape(-1, z.shape[2])) for z in frames[1:]]


def naive(x: np.ndarray, seed: int) -> np.ndarray:
    """What everybody would write."""
    import umap

    return umap.UMAP(random_state=seed, n_jobs=1).fit_transform(x)


def judge(x: np.ndarray, xy: np.ndarray) -> tuple[float, float]:
    rows = sample_rows(len(x))
    return trust_and_continuity(squared_distances(x, rows), squared_distances(xy.astype(np.float32), rows))


def main() -> None:
    """Print one line a figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=30)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    frames = sequence(options.epochs, options.points)
    LiveUmap().place(frames[0])
    naive(frames[0][:300], 0)
    live, placed, spent = LiveUmap(), [], 0.0
    for x in frames:
        begun = time.process_time()
        placed.append(live.place(x))
        spent += time.process_time() - begun
    reference, fresh = [], 0.0
    for x in frames:
        begun = time.process_time()
        maps = [naive(x, seed) for seed in range(3)]
        fresh += (time.process_time() - begun) / 3
        reference.append(np.median([judge(x, xy) for xy in maps], axis=0))
    behind = np.array([ref - [p.trustworthiness, p.continuity] for ref, p in zip(reference, placed, strict=True)]).max(
        1
    )
    moves = [
        np.median(np.linalg.norm(b.xy - a.xy, axis=1)) / np.ptp(a.xy, axis=0).max()
        for a, b in pairwise(placed)
        if not b.relayout
    ]
    print(f"points {len(frames[0])}, frames {len(frames)}, announced relayouts {len(live.jumps)} at {live.jumps}")
    print(
        f"per frame: live {spent / len(frames):.3f} CPU s, umap {fresh / len(frames):.2f} CPU s, ratio {fresh / spent:.0f}x"
    )
    print(
        f"behind the median of three umap seeds: within .015 at {(behind <= 0.015).sum()} frames, worst {behind.max():.3f}"
    )
    print(f"median move of unannounced frames: median {np.median(moves):.4f}, worst {max(moves):.4f} of the diameter")


if __name__ == "__main__":
    main()
