"""The default encoders of pictures and sounds against LeNet: time a step, and on real pairs accuracy.

    python benchmarks/encoders.py [--pairs 20] [--batch 128] [--data DIR] [--seeds 5] [--side 112]
    python benchmarks/encoders.py --data DIR --speakers sound [pair] [--means-off] [--seeds 3] [--side 112]

Time: 1x28x28 pictures and 112x112 spectrograms, both encoders and `concat` with its head, forward + backward + AdamW;
process CPU time of interleaved steps, one thread; medians. LeNet is the shelf's own (biases) and MultiBench's (batch norm).
Accuracy: `benchmarks/real_pairs.py` reads DIR; a speaker that training never heard; the spectrograms as they come and
scaled to side x side.
With --speakers, every speaker in turn is the one that training never heard: sound alone, or the pair through `concat`. With
--means-off, LeNet is also given spectrograms whose means over time are taken off, as the default encoder does it itself. The
interval is over the speakers, whose mean over the seeds is one value each: seeds tell of luck, speakers of other voices.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

import torch
from real_pairs import folds, load
from torch import Tensor, nn
from torch.nn import functional as F

from core.config import RunConfig
from core.data.base import Modality, Split, Task
from core.fusion import build_model
from core.fusion.base import ModelSpec
from core.output import Batch
from core.stats.paired import paired
from core.train import train

SENSES = {"image": Modality("image", (1, 28, 28)), "audio": Modality("audio", (112, 112))}
LENET = {"image": "lenet", "audio": "lenet"}
BOTH_LENET: dict[str, object] = {"encoder.image": "lenet", "encoder.audio": "lenet"}
ASKED: dict[str, tuple[str, dict[str, object]]] = {
    "sound": ("only", {"fusion.modality": "audio"}),
    "pair": ("concat", {}),
}
WIDTH = 64


class MultiBench(nn.Module):
    """LeNet as MultiBench's AV-MNIST examples build it: convolution without bias, batch norm, rectifier, pooling."""

    def __init__(self, stages: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels, following = 1, 6
        for stage in range(stages):
            side = 3 if stage else 5
            conv = nn.Conv2d(channels, following, side, padding=side // 2, bias=False)
            layers += [conv, nn.BatchNorm2d(following), nn.ReLU(), nn.MaxPool2d(2)]
            channels, following = following, 2 * following
        self.layers = nn.Sequential(*layers, nn.Flatten())
        self.width = channels

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class Concatenated(nn.Module):
    """MultiBench's late fusion of the two: concatenation and a perceptron."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.audio = MultiBench(4), MultiBench(6)
        width = self.image.width + self.audio.width
        self.head = nn.Sequential(nn.Linear(width, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10))

    def forward(self, batch: Batch) -> Tensor:
        joined = torch.cat([self.image(batch.inputs["image"]), self.audio(batch.inputs["audio"].unsqueeze(1))], 1)
        return self.head(joined)


def shelf(encoders: dict[str, str]) -> tuple[nn.Module, Callable[[Batch], Tensor]]:
    """`concat` with these encoders, and its logits."""
    model = build_model("concat", ModelSpec(SENSES, WIDTH, 10, 0, encoders=encoders))
    return model, lambda batch: model(batch).prediction


def stepper(model: nn.Module, logits: Callable[[Batch], Tensor], batch: Batch) -> Callable[[], None]:
    """One whole training step."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(logits(batch), batch.target).backward()
        optimizer.step()

    return step


def times(pairs: int, rows: int) -> None:
    """A line a model: milliseconds a step, and how many times the default's."""
    draw = torch.Generator().manual_seed(0)
    inputs = {name: torch.randn(rows, *modality.shape, generator=draw) for name, modality in SENSES.items()}
    target = torch.randint(10, (rows,), generator=draw)
    here = {name: torch.ones(rows, dtype=torch.bool) for name in inputs}
    batch = Batch(inputs, here, target, target, torch.arange(rows))
    original = Concatenated()
    steps = {
        "default (patches, slices)": stepper(*shelf({}), batch),
        "lenet": stepper(*shelf(LENET), batch),
        "LeNet with batch norm (MultiBench)": stepper(original, original, batch),
    }
    spent: dict[str, list[float]] = {name: [] for name in steps}
    for round_number in range(pairs + 3):
        for name, step in steps.items():
            begun = time.process_time()
            step()
            if round_number >= 3:  # the first ones warm up
                spent[name].append(time.process_time() - begun)
    first = next(iter(spent.values()))
    print(f"| encoders, {rows} samples per step | CPU ms per step | times the default's, median (lowest to highest) |")
    print("|---|---|---|")
    for name, values in spent.items():
        ratios = [a / b for a, b in zip(values, first, strict=True)]
        spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        print(f"| {name} | {1000 * statistics.median(values):.1f} | {spread} |", flush=True)


def accuracies(task: Task, label: str, seeds: int, epochs: int) -> None:
    """A line a model and choice of encoders, all seeds."""
    print(f"| accuracy, {label} | default | lenet | difference | CPU s a run |\n|---|---|---|---|---|")
    for name, fusion, settings in (
        ("image alone", "only", {"fusion.modality": "image"}),
        ("audio alone", "only", {"fusion.modality": "audio"}),
        ("concat", "concat", {}),
    ):
        found, spent = {}, []
        for encoders in ({}, BOTH_LENET):
            begun = time.process_time()
            found[bool(encoders)] = [
                reached(task, fusion, {**settings, **encoders, "seed": s, "epochs": epochs}) for s in range(seeds)
            ]
            spent.append((time.process_time() - begun) / seeds)
        texts = [f"{statistics.mean(v):.3f} ± {statistics.pstdev(v):.3f}" for v in (found[False], found[True])]
        difference = statistics.mean(found[False]) - statistics.mean(found[True])
        print(f"| {name} | {texts[0]} | {texts[1]} | {difference:+.3f} | {spent[0]:.1f}, {spent[1]:.1f} |", flush=True)


def reached(task: Task, fusion: str, settings: dict[str, object]) -> float:
    """Test accuracy after the last epoch; the tables that a run makes once, after training, are left out."""
    config = RunConfig.make("av_digits", fusion, "classification", {"learning_rate": 1e-3, **settings})
    steps = train(config, frames=False, look=False, task=task)
    return next(step.values["test/accuracy"] for step in steps if step.epoch == config.epochs)


def by_speaker(data: Path, side: int, asked: str, seeds: int, epochs: int, means_off: bool) -> None:
    """A line a speaker that training never heard, then their mean and the intervals of the default's leads over them."""
    fusion, settings = ASKED[asked]
    changes: dict[str, tuple[dict[str, object], Callable[[Task], Task]]] = {
        "default": ({}, lambda task: task),
        "lenet": (BOTH_LENET, lambda task: task),
    }
    if means_off:
        changes["lenet, means off"] = (BOTH_LENET, centred)
    others = list(changes)[1:]
    print(f"| {asked}, new speaker | {' | '.join([*changes, *(f'default - {name}' for name in others)])} |")
    print("|---" * (len(changes) + len(others) + 1) + "|")
    found: dict[str, list[float]] = {name: [] for name in changes}
    for speaker, task in folds(data, side):
        for name, (encoders, change) in changes.items():
            runs = [{**settings, **encoders, "seed": seed, "epochs": epochs} for seed in range(seeds)]
            found[name].append(statistics.mean(reached(change(task), fusion, run) for run in runs))
        leads = [f"{found['default'][-1] - found[name][-1]:+.3f}" for name in others]
        print(f"| {speaker} | {' | '.join([*(f'{v[-1]:.3f}' for v in found.values()), *leads])} |", flush=True)
    over = [paired(found["default"], found[name]) for name in others]
    leads = [f"{it.difference:+.3f} ({it.low:+.3f} to {it.high:+.3f})" for it in over]
    means = [f"{statistics.mean(values):.3f}" for values in found.values()]
    print(f"| mean and 95% interval over the speakers | {' | '.join([*means, *leads])} |", flush=True)


def centred(task: Task) -> Task:
    """Each band's mean over time taken off, sample by sample."""

    def without(split: Split) -> Split:
        sound = split.inputs["audio"]
        return replace(split, inputs={**split.inputs, "audio": sound - sound.mean(2, keepdim=True)})

    return replace(task, train=without(task.train), test=without(task.test))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--side", type=int, nargs="*", default=[0, 112])
    parser.add_argument("--speakers", nargs="+", choices=ASKED, help="leave each speaker out in turn, nothing else")
    parser.add_argument("--means-off", action="store_true", help="with --speakers: LeNet also without each band's mean")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.speakers:
        if options.data is None:
            parser.error("--speakers needs the folder of real pairs: --data DIR.")
        for side in options.side:
            for asked in options.speakers:
                print(f"\nSpectrograms {f'{side}x{side}' if side else 'as they come'}, {options.seeds} seeds.\n")
                by_speaker(options.data, side, asked, options.seeds, options.epochs, options.means_off)
        return
    times(options.pairs, options.batch)
    if options.data is None:
        print("Accuracy on real pairs was left out: give their folder with --data.")
        return
    for side in options.side:
        task = load(options.data, side)
        shape = "x".join(map(str, task.modalities["audio"].shape))
        print()
        accuracies(task, f"spectrograms {shape}", options.seeds, options.epochs)


if __name__ == "__main__":
    main()
