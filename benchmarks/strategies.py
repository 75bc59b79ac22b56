"""What strategies are good for: `python benchmarks/strategies.py [--seeds 5] [--first 0]`. One core, two to three minutes.

1  A missing sense. Spoken and written digits, classification, concatenation; accuracy in testing with all images gone.
2  Competition. Two vectors say the same bit, x2 loud and clear, x1 faint and noisy, and the accuracy is perfect although x1 was
   never learnt. It shows in a linear probe of x1's embedding and in the accuracy without x2.

One line per choice: the mean over the seeds, its lowest and highest, and process CPU seconds per run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from core.config import RunConfig
from core.metrics.accuracy import accuracies
from core.train import train
from core.training.batches import whole
from core.training.evaluation import forward
from core.training.state import TrainState

EQUAL = {"epochs": 12}
UNEQUAL = {**EQUAL, "data.image_noise": 0.0}  # a clear camera and a noisy microphone
STARVED = {
    "data.unique1": 0.0,
    "data.unique2": 0.0,
    "data.synergy": 0.0,
    "data.label_noise": 0.0,
    "data.train_noise": 3.0,
    "data.test_noise": 3.0,
    "data.x2_noise": 0.02,
    "data.strength": 20.0,
    "data.dim": 256,
    "width": 8,
    "epochs": 4,
    "learning_rate": 1e-3,
}
BOTH = "classification+infonce"
COMPETITORS = (
    ("none", "only", "classification", {}),
    ("none", "concat", "classification", {}),
    ("modality_dropout", "concat", "classification", {"strategy.rate": 0.5}),
    ("auxiliary", "concat", "classification", {}),
    ("gradient_blending", "concat", "classification", {"strategy.every": 1}),
    ("mmpareto", "concat", "classification", {}),
    ("ogm_ge", "concat", "classification", {"strategy.alpha": 0.1}),
    ("ogm_ge", "concat", "classification", {"strategy.alpha": 0.5}),
    ("ogm_ge", "concat", "classification", {"strategy.alpha": 1.0}),
    ("ogm_ge", "concat", "classification", {"strategy.alpha": 1.0, "strategy.noise": False}),
    ("ogm_ge", "concat", "classification", {"strategy.alpha": 1.0, "strategy.reading": "probe"}),
    ("none", "concat", BOTH, {}),
    ("pcgrad", "concat", BOTH, {}),
)


def without_image(strategy: str, fusion: str, settings: dict[str, object]) -> tuple[float, float]:
    """Accuracy with everything there, and with all images gone."""
    config = RunConfig.make("av_digits", fusion, "classification", {**settings, "strategy": strategy})
    last = list(train(config, frames=False, look=False))[-1]
    assert last.result is not None
    missing: dict[str, list[list[float]]] = last.result["missing"]  # type: ignore[assignment]
    return last.values["test/accuracy"], missing["image"][-1][1]


def competition(
    strategy: str, fusion: str, objective: str, settings: dict[str, object]
) -> tuple[float, float, float, float]:
    """Accuracy of the shared bit, a probe of x1 and of x2, accuracy without x2."""
    config = RunConfig.make("interactions", fusion, objective, {**settings, "strategy": strategy})
    for step in train(config, frames=False, look=False):
        if step.state is not None:
            state = step.state()
        values = step.values
    state = TrainState.build(config)
    state.load_state_dict(state)
    batch = whole(state.task.test)
    lost = {"x2": torch.zeros_like(batch.inputs["x2"])}, {"x2": torch.zeros_like(batch.present["x2"])}
    with torch.no_grad():
        blind = forward(state, replace(batch, inputs=batch.inputs | lost[0], present=batch.present | lost[1]))
    assert blind.prediction is not None
    return (
        values["test/accuracy/redundant"],
        values["test/probe/x1/redundant"],
        values.get("test/probe/x2/redundant", float("nan")),
        accuracies(blind.prediction, batch.target, state.task.parts)["accuracy/redundant"],
    )


def shown(columns: list[tuple[float, ...]], begun: float) -> str:
    """Cells of a row: mean (lowest to highest) of each figure, and seconds."""
    cells = [f"{sum(c) / len(c):.3f} ({min(c):.3f} to {max(c):.3f})" for c in zip(*columns, strict=True)]
    return " | ".join([*cells, f"{(time.process_time() - begun) / len(columns):.1f}"])


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    torch.set_num_threads(1)
    print("| image noise | fusion | strategy | accuracy | all images missing | CPU s |\n|---|---|---|---|---|---|")
    for title, base in (("as loud", EQUAL), ("none", UNEQUAL)):
        for fusion, strategy in (("concat", "none"), ("concat", "modality_dropout"), ("late_average", "none")):
            begun = time.process_time()
            rows = [without_image(strategy, fusion, {**base, "seed": seed}) for seed in seeds]
            print(f"| {title} | {fusion} | {strategy} | {shown(rows, begun)} |", flush=True)
    print("\n| fusion | strategy | objective | settings | accuracy | probe of x1 | probe of x2 | without x2 | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, fusion, objective, more in COMPETITORS:
        begun = time.process_time()
        figures = [competition(name, fusion, objective, {**STARVED, **more, "seed": seed}) for seed in seeds]
        said = ", ".join(f"{key.split('.')[-1]} {value}" for key, value in more.items())
        print(f"| {fusion} | {name} | {objective} | {said} | {shown(figures, begun)} |", flush=True)


if __name__ == "__main__":
    main()
