"""What `device=cuda` promises, on a card. Without one these are skipped; `benchmarks/gpu.py --small` runs the same code on any machine."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.config import RunConfig
from core.config.identity import run_id
from core.train import train

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "gpu.py"
on_a_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card that torch can use (CUDA)")
CHOICES = [("interactions", "tensor"), ("av_digits", "gated"), ("captions", "concat"), ("av_digits", "late_product")]


@on_a_card
@pytest.mark.parametrize(("dataset", "fusion"), CHOICES)
def test_a_card_begins_as_the_processor_does(dataset: str, fusion: str) -> None:
    """The first recorded loss comes before rounding has grown."""
    losses = [_curve(dataset, fusion, kind)[0] for kind in ("cpu", "cuda")]
    assert losses[1] == pytest.approx(losses[0], rel=1e-2)


@on_a_card
@pytest.mark.parametrize(("dataset", "fusion"), CHOICES)
def test_the_same_seed_gives_the_same_curve_on_a_card(dataset: str, fusion: str) -> None:
    assert _curve(dataset, fusion, "cuda") == _curve(dataset, fusion, "cuda")


def test_the_twelve_choices_of_the_benchmark_can_be_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small form trains two of them; a card should not be needed to learn that the others are no choices."""
    monkeypatch.syspath_prepend(BENCHMARK.parent)
    agreement = importlib.import_module("gpu_agreement")
    assert len({run_id(agreement.chosen(*choice)) for choice in agreement.TWELVE}) == 12


@pytest.mark.slow
def test_the_benchmark_of_a_card_runs_on_any_machine(tmp_path: Path) -> None:
    """So that it is right the first time a card is at hand: every part gives figures, none a reason why not."""
    out = tmp_path / "gpu.json"
    done = subprocess.run([sys.executable, BENCHMARK, "--small", "--out", out], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    assert "missing" not in json.dumps(found)
    assert all(row["agrees"] for row in found["agreement"].values())
    assert all(all(row.values()) for row in found["repeatable"].values())
    assert found["click_to_first_loss"]["median_ms"] > 0


def _curve(dataset: str, fusion: str, device: str) -> list[float]:
    config = RunConfig.make(dataset, fusion, settings={"epochs": 1, "device": device})
    return [step.values["train/loss"] for step in train(config) if "train/loss" in step.values]
