"""Training by MultiBench's own `train()` against the engine: LeNet, concatenation, the same real pairs, one thread.

    git clone https://github.com/pliang279/MultiBench PATH
    python benchmarks/multibench.py --clone PATH [--data DIR] [--pairs 10] [--epochs 3] [--seeds 5] [--long 12]

Nothing of it is kept here: its modules are run from the clone, its loader is built as its AV-MNIST script builds it (a list
of samples, no workers). Both have AdamW (fused), learning rate, weight decay, clipping, batch size and epochs alike.

Time: process CPU time of interleaved pairs in one process, warmed up; training samples a second. Neither loop can do
without validation altogether, so both first get a test split of two rows; then the whole one is judged every epoch on both
sides (the engine also before the first, its loop also saves the best model). A third line has the engine's model in its
loop: the loops alone.
The models differ in this: its LeNet has batch norm and no bias, and a perceptron of 100 reads 48 + 192 numbers; ours has
biases and no batch norm, a layer of 64 an encoder and one of 64 for both.
Accuracy: test samples of a speaker that training never heard, after the last epoch, the mean of the seeds with its 95%
t-interval; the difference is paired by seed.
Without --data, random inputs of the same shapes are timed, and accuracy is left out.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

os.environ["OMP_NUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

import torch
from real_pairs import load
from torch import Tensor, nn
from torch.utils.data import DataLoader

from core.config import RunConfig
from core.data.base import Modality, Split, Task
from core.session import Session
from core.stats.interval import interval
from core.train import train

SIDE = 112  # of the spectrograms, as AV-MNIST has them
NEEDED = ("training_structures/Supervised_Learning", "unimodals/common_models", "fusions/common_fusions")
SETTINGS = {"learning_rate": 1e-3, "encoder.image": "lenet", "encoder.audio": "lenet"}


class Toolkit:
    """The three modules of the clone that this needs."""

    def __init__(self, clone: Path) -> None:
        missing = [f"{name}.py" for name in NEEDED if not (clone / f"{name}.py").is_file()]
        if missing:
            raise SystemExit(
                f"{clone} is no clone of MultiBench: {missing[0]} is not there; give its folder with --clone."
            )
        sys.path.append(str(clone))
        self.absent: set[str] = set()
        self.training, self.unimodal, self.fusion = (self._module(clone, name) for name in NEEDED)

    def _module(self, clone: Path, name: str) -> ModuleType:
        """Run the file statement by statement. An import whose package is not installed is left out and reported: what
        it gives (memory logs, plots, pretrained networks) is nothing that the training here calls."""
        module = ModuleType(name.replace("/", "."))
        sys.modules[module.__name__] = module  # its loop saves whole models, which are found by their module's name
        path = clone / f"{name}.py"
        for statement in ast.parse(path.read_text()).body:
            try:
                exec(compile(ast.Module([statement], []), str(path), "exec"), module.__dict__)
            except ModuleNotFoundError as error:
                self.absent.add(str(error.name))
        return module

    def parts(self, seed: int) -> tuple[list[nn.Module], nn.Module, nn.Module]:
        """Encoders, fusion and head of its AV-MNIST script for late fusion."""
        torch.manual_seed(seed)
        models, channels = self.unimodal, 6
        encoders = [models.LeNet(1, channels, 3), models.LeNet(1, channels, 5)]
        return encoders, self.fusion.Concat(), models.MLP(channels * 40, 100, 10)

    def train(
        self, parts: tuple[list[nn.Module], nn.Module, nn.Module], config: RunConfig, fit: DataLoader, judge: DataLoader
    ) -> None:
        """Its loop as it is, less what it prints."""
        with tempfile.TemporaryDirectory() as folder, _silent():
            self.training.train(
                *parts,
                fit,
                judge,
                config.epochs,
                optimtype=functools.partial(torch.optim.AdamW, fused=True),
                lr=config.learning_rate,
                weight_decay=config.weight_decay,
                clip_val=config.clip_norm,
                save=str(Path(folder) / "best.pt"),
                track_complexity=False,
            )

    def accuracy(self, parts: tuple[list[nn.Module], nn.Module, nn.Module], judge: DataLoader) -> float:
        """What its own test says of the weights after the last epoch."""
        with _silent():
            return float(self.training.single_test(self.training.MMDL(*parts), judge)["Accuracy"])


class Reader(nn.Module):
    """One of the engine's encoders, as its loop calls one."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, x: Tensor) -> Tensor:
        return self.encoder(x)[1]


class Mix(nn.Module):
    """The engine's `concat`, as its loop calls a fusion."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, z: list[Tensor]) -> Tensor:
        return nn.functional.gelu(self.layer(torch.cat(z, 1)))


def ours_as_parts(config: RunConfig, task: Task) -> tuple[list[nn.Module], nn.Module, nn.Module]:
    """The engine's model with its initial weights, cut into what its loop takes."""
    model = Session.build(config, task).model
    encoders = [Reader(model.encoders[name]) for name in ("image", "audio")]
    return encoders, Mix(model.mix), model.head


def loader(split: Split, rows: int, shuffle: bool, channel: bool = True) -> DataLoader:
    """As its AV-MNIST script feeds it: a list of samples, each a picture, a spectrogram (with a channel) and a label."""
    sound = split.inputs["audio"]
    arrays = [split.inputs["image"].numpy(), (sound.unsqueeze(1) if channel else sound).numpy(), split.target.numpy()]
    samples = [list(sample) for sample in zip(*arrays, strict=True)]
    return DataLoader(samples, shuffle=shuffle, num_workers=0, batch_size=rows)


def engine(config: RunConfig, task: Task) -> float:
    """The engine to its last epoch, and the test accuracy there; the tables that it makes once, after training, are left out."""
    steps = train(config, frames=False, task=task)
    return next(step.values["test/accuracy"] for step in steps if step.epoch == config.epochs)


def glance(task: Task) -> Task:
    """The same training, judged on two rows: a batch of one is squeezed away by its LeNet."""
    return replace(task, test=task.test.rows(torch.arange(2)))


def cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def times(toolkit: Toolkit, task: Task, config: RunConfig, pairs: int) -> None:
    """A line a comparison."""
    size, seen = config.batch_size, len(task.train.target) * config.epochs
    fit, judge = loader(task.train, size, True), loader(task.test, size, False)
    fit_ours = loader(task.train, size, True, channel=False)
    brief = glance(task)
    brief_judge, brief_ours = loader(brief.test, size, False), loader(brief.test, size, False, channel=False)
    rows = {
        "training": (lambda: toolkit.train(toolkit.parts(0), config, fit, brief_judge), brief),
        "training and judging every epoch": (lambda: toolkit.train(toolkit.parts(0), config, fit, judge), task),
        "training, the engine's model in both loops": (
            lambda: toolkit.train(ours_as_parts(config, brief), config, fit_ours, brief_ours),
            brief,
        ),
    }
    print("| samples a second of CPU time, medians | MultiBench | engine | engine / MultiBench (lowest to highest) |")
    print("|---|---|---|---|")
    for name, (theirs, data) in rows.items():
        spent = [(cpu(theirs), cpu(lambda data=data: engine(config, data))) for _ in range(pairs + 1)][1:]
        ratios = [a / b for a, b in spent]
        rates = [f"{seen / statistics.median(side):.0f}" for side in zip(*spent, strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"| {name} | {rates[0]} | {rates[1]} | {spread}, {pairs} pairs |", flush=True)


def accuracies(toolkit: Toolkit, task: Task, epochs: int, seeds: int) -> None:
    """Both with the same seeds."""
    found: list[tuple[float, float]] = []
    for seed in range(seeds):
        config = configured(epochs, seed)
        fit, judge = loader(task.train, config.batch_size, True), loader(task.test, config.batch_size, False)
        parts = toolkit.parts(seed)
        toolkit.train(parts, config, fit, loader(glance(task).test, config.batch_size, False))
        found.append((toolkit.accuracy(parts, judge), engine(config, task)))
    theirs, mine = zip(*found, strict=True)
    difference = [b - a for a, b in found]
    print(f"\n| test accuracy after {epochs} epochs, {seeds} seeds | mean | 95% interval |\n|---|---|---|")
    for name, values in (("MultiBench", theirs), ("engine", mine), ("difference", difference)):
        print(_line(name, values), flush=True)


def _line(name: str, values: Sequence[float]) -> str:
    it = interval(values)
    return f"| {name} | {it.mean:.3f} | {it.low:.3f} to {it.high:.3f} |"


def configured(epochs: int, seed: int = 0) -> RunConfig:
    return RunConfig.make("av_digits", "concat", "classification", {**SETTINGS, "epochs": epochs, "seed": seed})


def noise(samples: int = 1500) -> Task:
    """Random inputs of the same shapes: enough to time a loop, and nothing to learn."""
    draw = torch.Generator().manual_seed(0)
    shapes = {"image": (1, 28, 28), "audio": (SIDE, SIDE)}
    splits = []
    for rows in (samples, samples // 3):
        inputs = {name: torch.randn(rows, *shape, generator=draw) for name, shape in shapes.items()}
        here = {name: torch.ones(rows, dtype=torch.bool) for name in inputs}
        label = torch.randint(10, (rows,), generator=draw)
        splits.append(Split(inputs, here, label, label.clone()))
    return Task(
        name="noise",
        modalities={name: Modality(name, shape) for name, shape in shapes.items()},
        train=splits[0],
        test=splits[1],
        classes=tuple(map(str, range(10))),
        chance=0.1,
        retrieval="class",
        samples="",
        corrupt=lambda modality, severity, seed: splits[1].inputs[modality],
        show=lambda split, index: {},
    )


@contextlib.contextmanager
def _silent():
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clone", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=3, help="of each timed training")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--long", type=int, default=12, help="epochs of the trainings whose accuracy is read")
    options = parser.parse_args()
    torch.set_num_threads(1)
    toolkit = Toolkit(options.clone)
    if toolkit.absent:
        print(f"Not installed, and left out of its imports: {', '.join(sorted(toolkit.absent))}.\n")
    task = load(options.data, SIDE) if options.data else noise()
    times(toolkit, task, configured(options.epochs), options.pairs)
    if options.data:
        accuracies(toolkit, task, options.long, options.seeds)


if __name__ == "__main__":
    main()
