"""The advisor as a command: what it says of data whose truth is known, and of its own past."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.advisor.past import outcomes
from core.commands.advise import SENTENCES
from core.runs import Summary


def test_it_prices_exclusive_or(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "--dataset", "interactions", "--runs", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["family"] == "interaction" and found["reason"] in SENTENCES
    assert found["pairs"][0]["estimate"]["price"] == pytest.approx(found["exact"]["synergy"], abs=0.05)
    assert found["record"] == {"hits": 0, "misses": 0, "abstentions": 0}


def test_it_asks_for_no_interaction_where_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "--dataset", "interactions", "--set", "data.synergy=0", "--runs", str(tmp_path)]) == 0
    assert "late fusion will do" in capsys.readouterr().out


def test_a_wrong_choice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "--dataset", "nope", "--runs", str(tmp_path)]) == 2
    assert "nope" in capsys.readouterr().err


def run(fusion: str, seed: int, accuracy: float, **data: float) -> Summary:
    config = {"dataset": "interactions", "fusion": fusion, "seed": seed, "data_settings": data}
    return Summary(f"{seed:012x}", config, {"status": "finished"}, {"test/accuracy": accuracy}, {}, 0.0, 0)


def test_the_past_is_read_off_runs_on_the_same_data_and_seeds() -> None:
    runs = [run("concat", 0, 0.8), run("tensor", 0, 0.7), run("late_average", 0, 0.5), run("only", 0, 0.9)]
    runs += [run("concat", 1, 0.505, synergy=0), run("late_average", 1, 0.5, synergy=0)]
    runs += [run("concat", 2, 0.9, synergy=1)]  # nothing additive beside it: no outcome
    runs += [run("concat", 0, 0.9, synergy=2), run("late_average", 1, 0.1, synergy=2)]  # no seed in common
    assert list(outcomes(runs)) == [("interactions", {}, True), ("interactions", {"synergy": 0}, False)]
