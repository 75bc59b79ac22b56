"""Gradient shares of runs of today and of before, and the verdict that an encoder is under-trained."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.paths import ASSETS
from core.runs import store
from core.runs.contributions import UNDER_TRAINED, against_alone, gradient_shares, with_gradient_shares

OLD = ASSETS / "replays" / "replay-start"  # recorded before results held shares


def test_a_finished_run_holds_its_shares(finished: Path) -> None:
    result = store.read_result(finished)
    shares = result["gradient_share"]
    assert set(shares) == {"x1", "x2"} and sum(shares.values()) == pytest.approx(1)
    assert shares == gradient_shares(finished)
    assert with_gradient_shares(finished, result) is result


def test_a_run_of_before_gets_them_from_its_records() -> None:
    result = store.read_result(OLD)
    assert "gradient_share" not in result
    lines = [json.loads(line) for line in (OLD / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    images = [r["gradient/image"] / (r["gradient/image"] + r["gradient/audio"]) for r in lines if "gradient/image" in r]
    shares = with_gradient_shares(OLD, result)["gradient_share"]
    assert shares["image"] == pytest.approx(sum(images) / len(images)) and sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("line", ['{"step": 1, "gradient/x1": -1, "gradient/x2": 1}', "", "no record"])
def test_records_of_a_strange_hand_have_none(finished: Path, tmp_path: Path, line: str) -> None:
    folder = shutil.copytree(finished, tmp_path / "strange")
    (folder / "metrics.jsonl").write_text(line + "\n", encoding="utf-8")
    for kept in (None, "much", {"x1": "much"}):
        assert with_gradient_shares(folder, {"metrics": {}, "gradient_share": kept})["gradient_share"] == {}


def test_an_encoder_that_lacks_more_than_the_margin_is_under_trained() -> None:
    metrics = {"test/probe/a": 0.75, "test/probe/b": 0.90, "test/probe/c": 1.0}
    compared = against_alone(metrics, {"a": 0.93, "b": 0.90 + 0.9 * UNDER_TRAINED, "c": 0.5, "d": 0.8})
    assert compared == {
        "a": {"accuracy": 0.93, "under_trained": True},
        "b": {"accuracy": pytest.approx(0.945), "under_trained": False},
        "c": {"accuracy": 0.5, "under_trained": False},
        "d": {"accuracy": 0.8, "under_trained": None},
    }
