"""How well the statistics keep their promises: power, coverage and false claims by simulation, and coverage on real runs.

    python benchmarks/statistics.py [power|coverage|null|real ...]

Prints a table each, with the date. `real` trains two fusions over twelve seeds on `interactions` with 16,384 test samples: what
all of these say is the truth, and intervals are made of a few seeds and a few hundred samples of them.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

HERE = Path(__file__).resolve().parent

if __name__ != "__main__":  # a neighbour meant the standard library's module, which this file's name hides from it
    import importlib.util
    import os

    _spec = importlib.util.spec_from_file_location("statistics", Path(os.__file__).with_name("statistics.py"))
    assert _spec is not None and _spec.loader is not None
    sys.modules[__name__] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[__name__])
else:
    sys.path[:] = [str(HERE.parent), *(place for place in sys.path if Path(place or ".").resolve() != HERE)]

METHODS, SEEDS = (2, 3, 4, 6), (3, 5, 10)
TABLES, COVERED, DRAWN = 10_000, 2500, 1000


def power() -> None:
    """At the difference that "could have been shown": how often it is; .80 is promised, .75 to .87 tolerated."""
    import numpy as np

    from core.stats import holm, smallest_detectable
    from core.stats.crossed import Squares, squares
    from core.stats.power import detectable
    from tests.core.stats.tables import called, crossed

    print("| methods | seeds | over seeds alone | over seeds and 256 samples | seeds vary too |\n|---|---|---|---|---|")
    for methods in METHODS:
        for seeds in SEEDS:
            draw = np.random.default_rng([methods, seeds])
            x = draw.normal(size=(6000, methods, seeds))
            x[:, 0] += smallest_detectable(2**0.5, seeds, methods=methods)
            cells = [called(x)]
            for parts in ((0.0, 1.0, 0.5), (0.02, 1.0, 1.0)):
                scores, expected = crossed(draw, (600, methods, seeds, 256), parts)
                scores[:, 0] += detectable(Squares(seeds, 256, *map(np.asarray, (0.0, *expected))), methods=methods)
                pairs = [(a, b) for a in range(methods) for b in range(a + 1, methods)]
                found = [squares(scores[:, a] - scores[:, b]) for a, b in pairs]
                p = np.stack([one.p(one.mean) for one in found], 1)
                corrected = np.array([holm(list(row)) for row in p])
                cells.append(float((corrected[:, : methods - 1] < 0.05).mean()))
            print(f"| {methods} | {seeds} | {' | '.join(f'{cell:.2f}' for cell in cells)} |", flush=True)


def coverage() -> None:
    """2,500 tables a case: the lowest and the mean over seeds' luck of none, .1 and .3 and samples of equal and of unequal difficulty."""
    import numpy as np

    from tests.core.stats import tables

    print(
        "| seeds | samples | true accuracies | accuracy: lowest, mean | difference: lowest, mean |\n|---|---|---|---|---|"
    )
    for seeds in SEEDS:
        for samples in (256, 500, 1000):
            for p in ((0.56, 0.5), (0.9, 0.88), (0.97, 0.95), (0.998, 0.99), (0.998, 0.998)):
                cases = [(seeds, samples, p, luck, hard) for luck in (0.0, 0.1, 0.3) for hard in (0.0, 0.5, 1.5)]
                blocks = range(COVERED // 250)
                found = [np.mean([tables.coverage(case, 250, block) for block in blocks], 0) for case in cases]
                cells = [f"{min(of):.3f}, {sum(of) / len(of):.3f}" for of in zip(*found, strict=True)]
                print(f"| {seeds} | {samples} | {p[0]}, {p[1]} | {' | '.join(cells)} |", flush=True)


def null() -> None:
    """Tables of equal methods, three seeds: how many hold any claim. Promised: at most .055."""
    import numpy as np

    from tests.core.stats.tables import answers, false_claims

    print(
        f"| methods | accuracy | seeds' luck, samples' | {' | '.join(f'{n} samples' for n in (256, 500, 1000, 2000))} |"
    )
    print("|---|---|---|---|---|---|---|")
    for methods in (2, 4):
        for p in (0.998, 0.99, 0.8):
            for luck, hard in ((0.0, 0.0), (0.0, 1.0), (0.2, 1.0), (0.5, 1.0)):
                cells = []
                for samples in (256, 500, 1000, 2000):
                    draw, size = np.random.default_rng(0), 500 // methods
                    equal = (p,) * methods
                    blocks = TABLES // size
                    found = [false_claims(answers(draw, size, 3, samples, equal, luck, hard)) for _ in range(blocks)]
                    cells.append(f"{np.mean(found):.3f}")
                print(f"| {methods} | {p} | {luck}, {hard} | {' | '.join(cells)} |", flush=True)


def real() -> None:
    """Intervals of few seeds and samples against what all seeds say of 16,384 samples: trained to their end, and too short."""
    _real(("concat", "late_average"), {"epochs": 6})
    _real(("tensor", "concat"), {"epochs": 3, "data.train_size": 2048, "width": 32})


def _real(fusions: tuple[str, str], settings: dict[str, int]) -> None:
    import numpy as np

    from core.stats import interval
    from core.stats.share import difference_squares, share_interval

    scores = {fusion: _scores(fusion, settings) for fusion in fusions}
    print(settings)
    for fusion, y in scores.items():
        means = y.mean(1)
        print(f"{fusion}: accuracy {means.mean():.3f}, seeds from {means.min():.3f} to {means.max():.3f}")
    draw, first = np.random.default_rng(0), next(iter(scores.values()))
    truth = [float(y.mean()) for y in scores.values()]
    print("\n| seeds | samples | same models, seeds alone (before) | same models | all seeds | difference |")
    print("|---|---|---|---|---|---|")
    for seeds in (3, 5):
        for samples in (256, 500, 1000):
            hits = np.zeros(4)
            for _ in range(DRAWN):
                who = draw.choice(len(first), seeds, replace=False)
                which = draw.choice(first.shape[1], samples, replace=False)
                a, b = (y[np.ix_(who, which)] for y in scores.values())
                own, alone = float(first[who].mean()), interval(list(a.mean(1)))
                low, high = share_interval(a)
                found = difference_squares(a - b)
                hits += [
                    alone.low <= own <= alone.high,
                    low <= own <= high,
                    low <= truth[0] <= high,
                    found.p(found.mean - (truth[0] - truth[1])) >= 0.05,
                ]
            print(f"| {seeds} | {samples} | {' | '.join(f'{hit / DRAWN:.2f}' for hit in hits)} |", flush=True)
    print()


def _scores(fusion: str, settings: dict[str, int]) -> np.ndarray:
    """(12, 16384) right or wrong."""
    import numpy as np

    from core.config import RunConfig
    from core.train import train

    rows = []
    for seed in range(12):
        made = RunConfig.make("interactions", fusion, None, {**settings, "data.test_size": 16384, "seed": seed})
        last = list(train(made, frames=False, look=False))[-1]
        assert last.predictions is not None
        rows.append(last.predictions.blocks["score"])
    return np.stack(rows).astype(np.float32)


PARTS = {"power": power, "coverage": coverage, "null": null, "real": real}


def main() -> None:
    """The parts that are named, or all."""
    for name in sys.argv[1:] or PARTS:
        print(f"\n## {name}, {date.today().isoformat()}\n\n{PARTS[name].__doc__}\n", flush=True)
        PARTS[name]()


if __name__ == "__main__":
    main()
