"""Training by MultiBench's own `train()` against the engine: LeNet, concatenation, the same real pairs, one thread.

    git clone https://github.com/pliang279/MultiBench PATH
    python benchmarks/multibench.py --clone PATH [--data DIR] [--models toolkit own] [--pairs 10] [--epochs 3] [--seeds 5] [--long 12]

Nothing of it is kept here: its modules are run from the clone, its loader is built as its AV-MNIST script builds it (a list
of samples, no workers). Both have AdamW (fused), learning rate, weight decay, clipping, batch size and epochs alike.

toolkit   its modules (LeNet with batch norm and no bias, a perceptron of 100 on 48 + 192 numbers) in both loops, from the same
          weights. The engine runs convolutions channels last, as its own LeNet does.
own       its modules in its loop, the engine's LeNet (biases, a layer of 64 an encoder and one of 64 for both) in the engine;
          then the engine's in both.
Time: CPU time of interleaved pairs, each training in a fork of one warm process; training samples per second. The engine's
processes keep the memory that they free (core/training/malloc.py), as its workers do; the toolkit's has it as it comes, which means
that glibc gives tensors above 32 MB back to the system and faults them in anew every step. The system's share tells how
dear that is, and changes with the machine's load. A line without channels last and kept memory has the loops alone. Neither loop can do
without validation altogether, so both first get a test split of two rows; then the whole one is judged every epoch on both
sides (the engine also before the first, its loop also saves the best model).
Accuracy: test samples of a speaker that training never heard, after the last epoch, the mean of the seeds with its 95%
t-interval; the difference is paired by seed. The same order of the samples in both.
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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

os.environ["OMP_NUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

import torch
from real_pairs import load
from torch import Tensor, nn
from torch.utils.data import DataLoader, Sampler

from core.config import RunConfig
from core.data.base import Modality, Split, Task
from core.fusion.base import Fusion, ModelSpec
from core.output import Batch, Output
from core.renderers import Vector
from core.seeding import generator
from core.stats.interval import interval
from core.training import malloc
from core.training.loop import Loop
from core.training.state import TrainState

WARM = os.getpid()
SIDE = 112  # of the spectrograms, as AV-MNIST has them
NEEDED = ("training_structures/Supervised_Learning", "unimodals/common_models", "fusions/common_fusions")
Parts = tuple[list[nn.Module], nn.Module, nn.Module]  # encoders, fusion, head
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

    def parts(self, seed: int) -> Parts:
        """Encoders, fusion and head of its AV-MNIST script for late fusion."""
        torch.manual_seed(seed)
        models, channels = self.unimodal, 6
        encoders = [models.LeNet(1, channels, 3), models.LeNet(1, channels, 5)]
        return encoders, self.fusion.Concat(), models.MLP(channels * 40, 100, 10)

    def train(self, parts: Parts, config: RunConfig, fit: DataLoader, judge: DataLoader) -> None:
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

    def accuracy(self, parts: Parts, judge: DataLoader) -> float:
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


def ours_as_parts(config: RunConfig, task: Task) -> Parts:
    """The engine's model with its initial weights, cut into what its loop takes."""
    model = TrainState.build(config, task).model
    encoders = [Reader(model.encoders[name]) for name in ("image", "audio")]
    return encoders, Mix(model.mix), model.head


class Adopted(Fusion):
    """The toolkit's modules as a model of the engine: one channel in, convolutions channels last unless told otherwise."""

    stage = "feature"

    def __init__(self, spec: ModelSpec, parts: Parts, last: bool) -> None:
        super().__init__(spec)
        self.encoders = nn.ModuleDict(zip(self.names, parts[0], strict=True))  # first, as in its own model: the
        self.join, self.head = parts[1:]  # gradient's norm is summed in this order
        self.last = last
        if last:
            self.to(memory_format=torch.channels_last)

    def forward(self, batch: Batch) -> Output:
        self.check(batch)
        here = {name: batch.present[name].unsqueeze(1) for name in self.names}
        z = {name: self.encoders[name](self.grey(batch.inputs[name])) * here[name] for name in self.names}
        h = self.join(list(z.values()))
        return Output(z=z, h=h, prediction=self.head(h))

    def grey(self, x: Tensor) -> Tensor:
        """(B, H, W) or (B, 1, H, W) -> (B, 1, H, W); with one channel only the strides tell which comes last."""
        tall, wide = x.shape[-2:]
        return x.reshape(len(x), tall, wide, 1).movedim(3, 1) if self.last else x.reshape(len(x), 1, tall, wide)

    def modality_parameters(self) -> dict[str, list[nn.Parameter]]:
        return {name: list(encoder.parameters()) for name, encoder in self.encoders.items()}


class Order(Sampler[int]):
    """The engine's order of the training samples, epoch by epoch."""

    def __init__(self, rows: int, seed: int) -> None:
        self.rows, self.seed, self.epoch = rows, seed, 0

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[int]:
        order = torch.randperm(self.rows, generator=generator(self.seed, "order", str(self.epoch)))
        self.epoch += 1
        return iter(order.tolist())


def loader(split: Split, rows: int, order: Sampler[int] | bool = False, channel: bool = True) -> DataLoader:
    """As its AV-MNIST script feeds it: a list of samples, each a picture, a spectrogram (with a channel) and a label.

    `order`: True shuffles as that script does, False keeps the split's, a sampler gives its own."""
    sound = split.inputs["audio"]
    arrays = [split.inputs["image"].numpy(), (sound.unsqueeze(1) if channel else sound).numpy(), split.target.numpy()]
    samples = [list(sample) for sample in zip(*arrays, strict=True)]
    how: dict[str, object] = {"shuffle": order} if isinstance(order, bool) else {"sampler": order}
    return DataLoader(samples, num_workers=0, batch_size=rows, **how)


def engine(config: RunConfig, task: Task, parts: Parts | None = None, last: bool = True) -> float:
    """The engine to its last epoch, and the test accuracy there; the tables that it makes once, after training, are left out.

    With `parts`, these are trained in place of the model that the config names."""
    state = TrainState.build(config, task)
    if parts:
        model = Adopted(state.model.spec, parts, last)
        rates = {"lr": config.learning_rate, "weight_decay": config.weight_decay}
        state = replace(state, model=model, optimizer=torch.optim.AdamW(model.parameters(), fused=True, **rates))
    steps = Loop(state, frames=False, look=True).run(0, None)
    return next(step.values["test/accuracy"] for step in steps if step.epoch == config.epochs)


def glance(task: Task) -> Task:
    """The same training, judged on two rows: a batch of one is squeezed away by its LeNet."""
    return replace(task, test=task.test.rows(torch.arange(2)))


def cpu(work: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds of a fork that does this: all, and those that the system took, mostly to hand out memory."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        before = os.times()
        work()
        after = os.times()
        system = after.system - before.system
        os.write(writing, f"{after.user - before.user + system} {system}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        whole, system = map(float, told.read().split())
    os.waitpid(child, 0)
    return whole, system


Work = Callable[[], object]


def kept(work: Work) -> Work:
    """The same in a process that keeps what it frees; only in a fork, since it cannot be undone."""

    def run() -> object:
        if os.getpid() != WARM:
            malloc.keep_freed()
        return work()

    return run


def times(toolkit: Toolkit, task: Task, config: RunConfig, pairs: int, models: Sequence[str]) -> None:
    """A line a comparison."""
    seen = len(task.train.target) * config.epochs
    print(
        "| samples per second of CPU time (the system's share), medians | MultiBench | engine | engine / MultiBench |"
    )
    print("|---|---|---|---|")
    for name, works in comparisons(toolkit, task, config, models).items():
        for work in works:  # here, so that every fork finds a warm process
            work()
        spent = [[cpu(work) for work in works] for _ in range(pairs)]
        ratios = [theirs / mine for (theirs, _), (mine, _) in spent]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"| {name} | {' | '.join(rates(seen, spent))} | {spread}, {pairs} pairs |", flush=True)


def rates(seen: int, spent: Sequence[Sequence[tuple[float, float]]]) -> list[str]:
    """Of both sides: samples per second, and how much of the time was the system's."""
    texts = []
    for side in zip(*spent, strict=True):
        whole, system = (statistics.median(values) for values in zip(*side, strict=True))
        texts.append(f"{seen / whole:.0f} ({100 * system / whole:.0f}%)")
    return texts


def comparisons(toolkit: Toolkit, task: Task, config: RunConfig, models: Sequence[str]) -> dict[str, tuple[Work, Work]]:
    """name -> a training by its loop, and the engine's."""
    size, brief = config.batch_size, glance(task)
    fit, judge, brief_judge = loader(task.train, size, True), loader(task.test, size), loader(brief.test, size)

    def theirs(judge: DataLoader) -> Work:
        return lambda: toolkit.train(toolkit.parts(0), config, fit, judge)

    def adopted(task: Task, last: bool = True) -> Work:
        return lambda: engine(config, task, toolkit.parts(0), last)

    fit_own, judge_own = loader(task.train, size, True, channel=False), loader(brief.test, size, channel=False)

    def own() -> object:
        return toolkit.train(ours_as_parts(config, brief), config, fit_own, judge_own)

    rows = {
        "toolkit": {
            "its modules in both": (theirs(brief_judge), kept(adopted(brief))),
            "its modules in both, judging every epoch": (theirs(judge), kept(adopted(task))),
            "the loops alone, its modules": (theirs(brief_judge), adopted(brief, last=False)),
        },
        "own": {
            "each its own model": (theirs(brief_judge), kept(lambda: engine(config, brief))),
            "each its own model, judging every epoch": (theirs(judge), kept(lambda: engine(config, task))),
            "the loops alone, the engine's model": (own, lambda: engine(config, brief)),
        },
    }
    return {name: work for model in models for name, work in rows[model].items()}


def accuracies(toolkit: Toolkit, task: Task, epochs: int, seeds: int, models: Sequence[str]) -> None:
    """Its loop and the engine with the same seeds, a table for each of the engine's models."""
    found: dict[str, list[float]] = {name: [] for name in ("loop", *models)}
    for seed in range(seeds):
        config = configured(epochs, seed)
        size = config.batch_size
        parts, fit = toolkit.parts(seed), loader(task.train, size, Order(len(task.train.target), seed))
        toolkit.train(parts, config, fit, loader(glance(task).test, size))
        found["loop"].append(toolkit.accuracy(parts, loader(task.test, size)))
        for model in models:
            found[model].append(engine(config, task, toolkit.parts(seed) if model == "toolkit" else None))
    print(f"\n| test accuracy after {epochs} epochs, {seeds} seeds | mean | 95% interval |\n|---|---|---|")
    print(_line("MultiBench", found["loop"]))
    for name, model in (("its modules in the engine", "toolkit"), ("the engine's own model", "own")):
        if model in models:
            print(_line(name, found[model]))
            print(_line("difference", [b - a for a, b in zip(found["loop"], found[model], strict=True)]), flush=True)


def alike(toolkit: Toolkit, task: Task, config: RunConfig) -> bool:
    """Whether its loop and the engine's, without channels last, leave the same weights and means to the last bit."""
    size, rows = config.batch_size, len(task.train.target)
    theirs, mine = toolkit.parts(config.seed), toolkit.parts(config.seed)
    toolkit.train(theirs, config, loader(task.train, size, Order(rows, config.seed)), loader(glance(task).test, size))
    engine(config, task, mine, last=False)
    one, other = (toolkit.training.MMDL(*parts).state_dict() for parts in (theirs, mine))
    return all(torch.equal(value, other[name]) for name, value in one.items())


def _line(name: str, values: Sequence[float]) -> str:
    it = interval(values, bounds=(0, 1))
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
        show=lambda split, index: {name: Vector(x[index].flatten()[:16]) for name, x in splits[1].inputs.items()},
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
    parser.add_argument("--models", nargs="+", choices=("toolkit", "own"), default=["toolkit", "own"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    toolkit = Toolkit(options.clone)
    if toolkit.absent:
        print(f"Not installed, and left out of its imports: {', '.join(sorted(toolkit.absent))}.\n")
    task = load(options.data, SIDE) if options.data else noise()
    times(toolkit, task, configured(options.epochs), options.pairs, options.models)
    if "toolkit" in options.models:
        equal = alike(toolkit, task, configured(options.epochs))
        print(
            f"\nIts modules, not channels last, {options.epochs} epochs: {'' if equal else 'not '}the same bits in both."
        )
    if options.data:
        accuracies(toolkit, task, options.long, options.seeds, options.models)


if __name__ == "__main__":
    main()
