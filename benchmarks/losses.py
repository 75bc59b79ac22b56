"""What each contrastive loss learns from pairs alone: `python benchmarks/losses.py [--seeds 1] [--data views]`.

Two views of one hidden vector, each through a random network of its own; 500 test pairs, so chance is .002.

    s ~ N(0, I_12)     x = f(s) + noise, y = g(s) + noise        (64,) each; f, g: tanh(s W_1) W_2 with random W

`--data captions` takes the shipped scenes and captions instead: 256 test pairs, chance .004, five minutes a seed.

One line a loss: how often the partner is the nearest of all (R@1, both ways), the gap between the two sides (2 at most)
and the spread of the embeddings (0: all in one point); means over the seeds, and R@1's lowest and highest. "+ CCA": the
embeddings after a linear CCA fitted on the training pairs, which is how deep CCA's are meant to be read. The last lines
train nothing: linear CCA and ridge regression from one side to the other, on the raw numbers.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor

from core.config import RunConfig
from core.data.base import Modality, Split
from core.data.loading import load_task
from core.encoders import raw_features
from core.fusion.base import DualEncoder, ModelSpec
from core.metrics.cca import cca
from core.metrics.embedding import embedding_metrics
from core.objectives import build_objective
from core.seeding import generator
from core.training.batches import slices, whole

HIDDEN, VIEW, WIDTH = 12, 64, 32
TRAIN, TEST, BATCH, EPOCHS = 4096, 500, 128, 12
NOISE = 0.3
Sides = dict[str, Tensor]
LOSSES: tuple[tuple[str, dict[str, float | str]], ...] = (
    ("infonce", {}),
    ("siglip", {}),
    ("supcon", {}),
    *(("triplet", {"negatives": kind}) for kind in ("random", "all", "semi_hard", "hardest")),
    *(("general", {"lam": lam}) for lam in (0.0, 0.1, 1.0, 10.0, 100.0)),
    ("pair_margin", {}),
    ("vicreg", {}),
    ("deep_cca", {}),
    ("general_printed", {"lam": 0.0}),
    ("general_printed", {"lam": 1.0}),
    ("triplet_printed", {}),
)


def views(seed: int) -> tuple[dict[str, Modality], Split, Split]:
    """Training and test pairs; each pair is an id of its own."""
    draw = generator(seed, "two views")
    maps = {name: (_matrix(HIDDEN, VIEW, draw), _matrix(VIEW, VIEW, draw)) for name in ("x", "y")}
    splits = []
    for count in (TRAIN, TEST):
        hidden = torch.randn(count, HIDDEN, generator=draw)
        inputs = {}
        for name, (first, second) in maps.items():
            clean = (1.5 * hidden @ first).tanh() @ second
            inputs[name] = clean + NOISE * torch.randn(clean.shape, generator=draw)
        here = {name: torch.ones(count, dtype=torch.bool) for name in inputs}
        splits.append(Split(inputs, here, torch.arange(count), torch.arange(count)))
    return {name: Modality("features", (VIEW,)) for name in maps}, splits[0], splits[1]


def captions(seed: int) -> tuple[dict[str, Modality], Split, Split]:
    """The shipped data; the seed is the training's alone."""
    task = load_task("captions", dict(RunConfig.make("captions").data_settings))
    return task.modalities, task.train, task.test


DATA = {"views": views, "captions": captions}


def embedded(model: DualEncoder, name: str, parameters: dict[str, float | str], train: Split, seed: int) -> None:
    """Train the encoders with one loss, as the loop does."""
    objective = build_objective(name, {f"{name}.{parameter}": value for parameter, value in parameters.items()})
    own = {"params": list(objective.parameters()), "weight_decay": 0.0}
    groups = [{"params": list(model.parameters()), "weight_decay": 1e-4}, own]
    optimizer = torch.optim.AdamW(groups, lr=3e-3, fused=True)
    for epoch in range(EPOCHS):
        order = torch.randperm(len(train.target), generator=generator(seed, "order", str(epoch)))
        for batch in slices(whole(train).rows(order), BATCH):
            optimizer.zero_grad()
            objective.total(objective(model(batch), batch)).backward()
            torch.nn.utils.clip_grad_norm_([*model.parameters(), *objective.parameters()], 1.0)
            optimizer.step()
            with torch.no_grad():
                for parameter, ceiling in objective.bounded():
                    parameter.clamp_max_(ceiling)


def rows(data: str, seed: int) -> Iterator[tuple[str, dict[str, float], float]]:
    """(what, figures, seconds) of every line for one seed."""
    senses, train, test = DATA[data](seed)
    for name, parameters in LOSSES:
        begun = time.process_time()
        encoders = {"text": "gru"} if data == "captions" else {}
        model = DualEncoder(ModelSpec(senses, WIDTH, 0, seed, encoders=encoders))
        embedded(model, name, parameters, train, seed)
        spent = time.process_time() - begun
        with torch.no_grad():
            fitted, asked = model(whole(train)).z, model(whole(test)).z
        label = " ".join([name, *(f"{value}" for value in parameters.values())])
        yield label, figures(asked, test), spent
        if name == "deep_cca":
            yield f"{label} + CCA", figures(linear_cca(fitted, asked), test), spent
    known, asked = ({n: raw_features(m, s.inputs[n]) for n, m in senses.items()} for s in (train, test))
    yield "raw, linear CCA", figures(linear_cca(known, asked), test), 0.0
    yield "raw, ridge from side to side", figures(ridge(known, asked), test), 0.0


def figures(z: Sides, split: Split) -> dict[str, float]:
    """R@1 among all test pairs, gap and spread, as a run shows them."""
    here = {name: torch.ones(len(x), dtype=torch.bool) for name, x in z.items()}
    return embedding_metrics(z, split.pair, here, within=False)


def linear_cca(known: Sides, asked: Sides) -> Sides:
    """Both sides on their first canonical directions, each weighted by its correlation; fitted on `known`."""
    fit = cca(*known.values(), components=HIDDEN, ridge=1e-2)
    (first, x), (second, y) = asked.items()
    weight = fit.correlations
    return {first: (fit.project_x(x) * weight).float(), second: (fit.project_y(y) * weight).float()}


def ridge(known: Sides, asked: Sides, weight: float = 1e-2) -> Sides:
    """The first side's guess of the second beside the second itself: supervised by pairs, linear, nothing learned twice."""
    first, second = known
    a, b = (known[name].double() - known[name].double().mean(0) for name in (first, second))
    turn = torch.linalg.solve(_covariance(a, weight), a.T @ b / len(a))
    ahead, there = (asked[name].double() - known[name].double().mean(0) for name in (first, second))
    return {first: (ahead @ turn).float(), second: there.float()}


def _covariance(x: Tensor, ridge: float) -> Tensor:
    covariance = x.T @ x / len(x)
    eye = torch.eye(len(covariance), dtype=x.dtype)
    return covariance + ridge * covariance.diagonal().mean() * eye


def _matrix(height: int, width: int, draw: torch.Generator) -> Tensor:
    return torch.randn(height, width, generator=draw) / height**0.5


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--data", choices=DATA, default="views")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| loss | R@1 | lowest | highest | gap | spread | CPU s |\n|---|---|---|---|---|---|---|")
    for lines in zip(*(rows(options.data, seed) for seed in range(options.seeds)), strict=True):
        mean = {key: sum(line[1][key] for line in lines) / len(lines) for key in lines[0][1]}
        recall = [line[1]["recall@1"] for line in lines]
        print(
            f"| {lines[0][0]} | {mean['recall@1']:.3f} | {min(recall):.3f} | {max(recall):.3f} | {mean['modality_gap']:.3f}"
            f" | {mean['spread']:.3f} | {sum(line[2] for line in lines) / len(lines):.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
