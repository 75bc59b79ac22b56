"""Live UMAP against `umap.UMAP().fit_transform`: cost, quality and calm, over the frames of a real run.

    python benchmarks/projection.py [--points 1000] [--epochs 30]
    python benchmarks/projection.py --others

1,000 samples of two modalities are 2,000 points. Figures are process CPU time, prewarmed, in one process. `--others` holds
the first picture of data sets that are not ours to the same promise, and a later one: after twenty frames in which noise
(three tenths at first) fades from the data.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from sklearn import datasets

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


def others() -> Iterator[tuple[str, np.ndarray]]:
    """Name and standardised rows of data from scikit-learn, 100 to 2,000 points; twice their directions alone."""
    made = {
        "wine, every second": datasets.load_wine().data[::2],
        "iris": datasets.load_iris().data,
        "wine": datasets.load_wine().data,
        "two moons": datasets.make_moons(300, noise=0.05, random_state=0)[0],
        "diabetes": datasets.load_diabetes().data,
        "breast cancer": datasets.load_breast_cancer().data,
        "blobs": datasets.make_blobs(600, 10, centers=8, random_state=0)[0],
        "S curve": datasets.make_s_curve(800, random_state=0)[0],
        "one normal cloud": np.random.RandomState(0).normal(size=(1000, 20)),
        "swiss roll": datasets.make_swiss_roll(1500, random_state=0)[0],
        "digits": datasets.load_digits().data,
    }
    for name, data in made.items():
        x = ((data - data.mean(0)) / np.maximum(data.std(0), 1e-9)).astype(np.float32)
        yield name, x
        if name in ("breast cancer", "digits"):
            yield f"{name}, directions", unit(x)


def compare_others() -> None:
    """One line a data set: how far our first picture, and one after twenty warm frames, lie behind the median of three seeds."""
    print(
        "data                        points  umap T, C     first: behind T, C, CPU s   warm: behind T, C   umap CPU s"
    )
    worst = [0.0, 0.0]
    for name, x in others():
        begun = time.process_time()
        reference = np.median([judge(x, naive(x, seed)) for seed in range(3)], axis=0)
        theirs = (time.process_time() - begun) / 3
        begun = time.process_time()
        first = LiveUmap().place(x)
        ours = time.process_time() - begun
        live, noise = LiveUmap(), np.random.RandomState(0).normal(size=x.shape).astype(np.float32) * x.std()
        for share in np.linspace(0.7, 1, 21, dtype=np.float32):
            warm = live.place((1 - share) * noise + share * x)
        behind = [reference - [placed.trustworthiness, placed.continuity] for placed in (first, warm)]
        worst = [max(before, float(b.max())) for before, b in zip(worst, behind, strict=True)]
        figures = "{:.3f}  {:.3f}".format(*reference), "{:+.4f} {:+.4f}".format(*behind[0])
        print(
            f"{name:26s} {len(x):6d}  {figures[0]}  {figures[1]}  {ours:5.2f}"
            + "           {:+.4f} {:+.4f}  {:5.2f}".format(*behind[1], theirs),
            flush=True,
        )
    print(f"worst: first picture {worst[0]:.4f}, warm {worst[1]:.4f} behind (promise .015)")


def main() -> None:
    """Print one line a figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--others", action="store_true", help="data sets that are not ours, instead of a run")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    cloud = np.random.RandomState(0).normal(size=(300, 8)).astype(np.float32)
    LiveUmap().place(cloud)
    naive(cloud, 0)
    if options.others:
        compare_others()
    else:
        measure(sequence(options.epochs, options.points))


def measure(frames: list[np.ndarray]) -> None:
    """Cost, quality and calm over the frames of a run."""
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
