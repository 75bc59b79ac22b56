"""What a finished run keeps of its answers, and that they are the run's own figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.metrics.average_precision import mean_average_precision
from core.metrics.jackknife import jackknife
from core.metrics.regression import r2, r2_scores
from core.runs import Runs, prediction_file, store
from core.runs.prediction_file import Predictions, read, read_scores
from core.training.multi_seed_recorder import record_multi_seed
from core.training.recorder import record
from tests.conftest import small_config

CAPTIONS = {"epochs": 1, "data.train_size": 64, "data.test_size": 48, "width": 8, "batch_size": 32}


def figure(folder: Path, metric: str) -> float:
    return float(store.read_result(folder)["metrics"][f"test/{metric}"])


def test_their_mean_is_the_runs_own_accuracy(finished: Path) -> None:
    kept = read(finished)
    assert kept is not None and kept.header["share"] and kept.header["samples"] == 64
    score, p, target = (kept.blocks[name] for name in ("score", "probability", "target"))
    assert score.dtype == np.uint8 and p.dtype == np.float16 and p.shape == (64, 16)
    assert score.mean() == figure(finished, "accuracy")  # exactly
    np.testing.assert_allclose(p.astype(float).sum(1), 1, atol=2e-3)
    assert ((p.argmax(1) == target) == score).mean() > 0.98  # ties of half precision aside
    assert store.read_result(finished)["predictions"]["kept"] == "all"
    assert (finished / prediction_file.FILE).stat().st_size < 5_000


@pytest.mark.parametrize(
    ("objective", "metric", "exact", "block"),
    [
        ("infonce", "recall@1", True, "rank"),
        ("multi_label", "map", False, "probability"),
        ("regression", "r2", False, "value"),
    ],
)
def test_every_kind_of_answer(
    objective: str, metric: str, exact: bool, block: str, tmp_path: Path, train_to_end
) -> None:
    folder = train_to_end(RunConfig.make("captions", "concat", objective, CAPTIONS), tmp_path)
    kept, value = read(folder), figure(folder, metric)
    assert kept is not None and block in kept.blocks
    assert kept.blocks["score"].astype(float).mean() == pytest.approx(value, abs=1e-12 if exact else 1e-5)
    scores = read_scores(folder, metric, value)
    assert scores is not None and len(scores.scores) == 48 and scores.share == exact
    assert read_scores(folder, "accuracy", value) is None and read_scores(folder, metric, value + 0.01) is None


def test_missing_modalities_do_not_move_the_mean(tmp_path: Path, train_to_end) -> None:
    folder = train_to_end(
        RunConfig.make("captions", "concat", "infonce", {**CAPTIONS, "data.test_missing": 0.4}), tmp_path
    )
    kept = read(folder)
    assert kept is not None and kept.blocks["score"].astype(float).mean() == pytest.approx(
        figure(folder, "recall@1"), abs=1e-7
    )


def test_runs_trained_together_and_resumed_ones_keep_theirs(tmp_path: Path, train_to_end) -> None:
    configs = [small_config(seed=seed) for seed in (0, 1)]
    folders = [Runs(tmp_path / "together").open(config)[0] for config in configs]
    list(record_multi_seed(folders))
    for config, folder in zip(configs, folders, strict=True):
        alone = train_to_end(config, tmp_path / "alone")
        ours, theirs = read(folder), read(alone)
        assert ours is not None and theirs is not None
        assert (ours.blocks["score"] == theirs.blocks["score"]).mean() > 0.95  # equal within rounding
        assert "cpu_seconds" in store.read_result(folder) and store.read_result(folder)["together"] == 2
    whole = train_to_end(small_config(epochs=4), tmp_path / "whole")
    folder = Runs(tmp_path / "parts").open(small_config(epochs=4))[0]
    for status in record(folder):
        if status["step"] >= 8:
            (folder / "stop").touch()
    spent = store.read_status(folder)["cpu_seconds"]
    assert store.read_status(folder)["status"] == "stopped" and not (folder / prediction_file.FILE).exists()
    list(record(folder))
    assert (folder / prediction_file.FILE).read_bytes() == (whole / prediction_file.FILE).read_bytes()
    assert store.read_result(folder)["cpu_seconds"] > spent > 0  # a resumed run's add up


def test_too_large_a_file_keeps_the_scores_and_says_why(tmp_path: Path) -> None:
    found = Predictions(
        {"kind": "predictions", "measure": "accuracy"},
        {"score": np.ones(1000, np.uint8), "probability": np.ones((1000, 2100), np.float16)},
    )
    predicted = prediction_file.write(tmp_path, found)
    assert predicted["kept"] == "scores" and "4201" in predicted["reason"] and predicted["bytes"] < 2000
    assert read_scores(tmp_path, "accuracy", 1.0) is not None
    huge = Predictions(found.header, {"score": np.ones(prediction_file.CAP + 1, np.uint8)})
    assert prediction_file.write(tmp_path / "other", huge)["kept"] == "nothing" and not (tmp_path / "other").exists()


def test_a_file_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    (tmp_path / prediction_file.FILE).write_bytes(b"FUS1 half of one")
    assert read(tmp_path) is None and read_scores(tmp_path, "accuracy", 1.0) is None


def test_the_spread_of_r2_is_that_over_other_samples() -> None:
    torch.manual_seed(0)
    truth = torch.randn(400, 300, 1, dtype=torch.double)
    predicted = truth * 0.7 + 0.5 * torch.randn(400, 300, 1, dtype=torch.double)
    drawn_scores = torch.stack([r2(p, y) for p, y in zip(predicted, truth, strict=True)])
    own = torch.stack([r2_scores(p, y).var() / 300 for p, y in zip(predicted, truth, strict=True)])
    assert r2_scores(predicted[0], truth[0]).mean() == pytest.approx(float(r2(predicted[0], truth[0])), abs=1e-12)
    assert float(own.mean() / drawn_scores.var()) == pytest.approx(1, abs=0.15)


def test_the_spread_of_map_is_that_over_other_samples() -> None:
    torch.manual_seed(0)
    truth = (torch.rand(120, 60, 3) < 0.4).float()
    predicted = truth + torch.randn(120, 60, 3)
    drawn_scores = torch.stack([mean_average_precision(p, y) for p, y in zip(predicted, truth, strict=True)])
    own = torch.stack(
        [jackknife(mean_average_precision, p, y).var() / 60 for p, y in zip(predicted[:40], truth[:40], strict=True)]
    )
    assert float(own.mean() / drawn_scores.var()) == pytest.approx(1, abs=0.3)
    assert jackknife(mean_average_precision, predicted[0][:1], truth[0][:1]) is None
