"""What a training costs is told before it: exact sizes, seconds of the right order."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from core.__main__ import main
from core.compare.advice import read
from core.compare.estimates import place
from core.config import RunConfig
from core.errors import FusionariumError
from core.train import train
from core.training.cost_estimate import estimate, write

SMALL = {"data.train_size": 512, "data.test_size": 128, "width": 16}


def test_sizes_are_those_of_the_run() -> None:
    config = RunConfig.make("interactions", "concat", settings={**SMALL, "epochs": 1})
    result = list(train(config))[-1].result
    assert result is not None
    found = estimate(config)
    assert {name: found[name] for name in ("parameters", "flops", "bytes")} == {
        name: result[name] for name in ("parameters", "flops", "bytes")
    }


def test_seconds_grow_with_the_epochs_and_fit_the_run() -> None:
    short, long = (RunConfig.make("interactions", "concat", settings={"epochs": n}) for n in (3, 300))
    told = [(estimate(short)["seconds"], estimate(long)["seconds"], seconds_of(short)) for _ in range(2)]
    few, many, spent = (min(times) for times in zip(*told, strict=True))  # the machine may be busy meanwhile
    assert many > 2 * few
    assert spent / 5 < few < 5 * spent


def seconds_of(config: RunConfig) -> float:
    begun = time.perf_counter()
    list(train(config))
    return time.perf_counter() - begun


def test_one_batch_an_epoch_is_no_trouble() -> None:
    config = RunConfig.make("interactions", settings={**SMALL, "batch_size": 512, "epochs": 2})
    assert estimate(config)["seconds"] > 0


def test_a_budget_is_its_own_answer() -> None:
    assert estimate(RunConfig.make("interactions", settings={**SMALL, "seconds": 3}))["seconds"] == 3


def test_all_seeds_of_a_choice_share_one_file(tmp_path: Path) -> None:
    one, two = (RunConfig.make("interactions", settings={**SMALL, "seed": n}) for n in (0, 1))
    written = write(tmp_path, one)
    assert read(place(tmp_path, two)) == written and written["parameters"] > 0


def test_what_cannot_be_is_kept_as_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise FusionariumError("no_cuda", device="cuda")

    monkeypatch.setattr("core.training.cost_estimate.TrainState.build", refuse)
    config = RunConfig.make("interactions", settings=SMALL)
    assert write(tmp_path, config)["problem"]["error"] == "no_cuda"
    monkeypatch.setattr("core.training.cost_estimate.TrainState.build", lambda *_: 1 / 0)
    assert write(tmp_path, config)["problem"] == {"message": "division by zero", "error": None, "values": {}}
    assert read(place(tmp_path, config)) is not None


def test_the_command_line_trains_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["train", "--dataset", "interactions", "--seeds", "3", "--estimate", "--json", "--runs", str(tmp_path)]
    assert main([*argv, *(f"--set={name}={value}" for name, value in SMALL.items())]) == 0
    estimated = json.loads(capsys.readouterr().out)
    assert estimated["runs"] == 3 and estimated["seconds"] > 0
    assert not list(tmp_path.iterdir())
