"""The advisor as a command: what it says of data whose truth is known, and of its own past."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from core import catalog
from core.__main__ import main
from core.advisor.ask import answer, record
from core.advisor.past import outcomes
from core.compare.advice import SENTENCES, place, read, record_place
from core.config import RunConfig
from core.data.loading import load_task
from core.errors import MetricError
from core.metrics.late_price import late_price
from core.runs import Runs, Summary, store
from tests.conftest import SMALL


def test_it_prices_exclusive_or_and_remembers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["advise", "--dataset", "interactions", "--runs", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["family"] == "interaction" and found["reason"] in SENTENCES
    assert found["pairs"][0]["estimate"]["price"] == pytest.approx(found["price"], abs=0.05)
    assert found["record"] == {"hits": 0, "misses": 0, "abstentions": 0}
    monkeypatch.setattr("core.advisor.ask.advise", None)  # asked once, kept for good
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found
    assert main(words) == 0
    assert "let x1 and x2 interact" in capsys.readouterr().out


def test_the_exact_price_is_that_of_the_exact_joint() -> None:
    """Coins (r, u1, a) and (r, u2, b) against the four flipped bits, counted out."""
    task = load_task("interactions", dict(RunConfig.make("interactions", settings={"data.synergy": 0.7}).data_settings))
    flips = [0.05, 0.05, 0.05, 0.05 + 0.45 * 0.3]
    p = np.zeros((8, 8, 16))
    for r, u1, u2, a, b, label in product(*[(0, 1)] * 5, range(16)):
        flipped = [(label >> (3 - place) & 1) != bit for place, bit in enumerate((r, u1, u2, a ^ b))]
        p[4 * r + 2 * u1 + a, 4 * r + 2 * u2 + b, label] += (
            np.prod([e if f else 1 - e for e, f in zip(flips, flipped, strict=True)]) / 32
        )
    assert task.price == pytest.approx(late_price(p), abs=1e-4)


def test_what_cannot_be_asked_says_why_and_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = dict(RunConfig.make("interactions", settings={"data.train_size": 16, "batch_size": 1}).data_settings)
    monkeypatch.setattr("core.advisor.ask.readings", lambda task: ({"x1": np.zeros((16, 1))}, np.arange(16)))
    with pytest.raises(MetricError):
        answer(tmp_path, "interactions", data)
    kept = read(place(tmp_path, "interactions", data))
    assert kept and kept["problem"]["error"] == "metric_values"
    monkeypatch.undo()
    assert answer(tmp_path, "interactions", data)["reason"] == "too_few_samples"


@pytest.mark.slow
def test_it_asks_for_no_interaction_where_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "--dataset", "interactions", "--set", "data.synergy=0", "--runs", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "late_joint will do" in printed and "learn apart this says nothing" in printed


def test_it_abstains_where_samples_are_too_few(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "--dataset", "interactions", "--set", "data.train_size=64", "--runs", str(tmp_path)]) == 0
    assert "It abstains: 64 samples" in capsys.readouterr().out


def test_a_wrong_choice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "--dataset", "nope", "--runs", str(tmp_path)]) == 2
    assert "nope" in capsys.readouterr().err


def run(fusion: str, seed: int, accuracy: float, **changes: object) -> Summary:
    config = {"dataset": "interactions", "fusion": fusion, "seed": seed, "data_settings": {}, "epochs": 9} | changes
    return Summary(f"{seed:012x}", config, {"status": "finished"}, {"test/accuracy": accuracy}, {}, 0.0, 0)


@pytest.mark.parametrize(
    ("runs", "won"),
    [
        ([run("concat", 0, 0.8), run("tensor", 0, 0.4), run("late_joint", 0, 0.5), run("only", 0, 0.9)], [True]),
        ([run("concat", 0, 0.8), run("late_joint", 0, 0.5), run("input_linear", 0, 0.795)], [False]),
        ([run("concat", 0, 0.505), run("late_joint", 0, 0.5)], [False]),
        ([run("concat", 0, 0.9), run("concat", 1, 0.4), run("late_joint", 1, 0.5)], [False]),  # the seed they share
        ([run("concat", 0, 0.9), run("late_joint", 1, 0.1)], []),
        ([run("concat", 0, 0.9)], []),
        ([run("concat", 0, 0.9), run("late_joint", 0, 0.5, epochs=1)], []),
        ([run("concat", 0, 0.9), run("late_joint", 0, 0.5, permute="x1")], []),
        ([run("concat", 0, 0.9), run("late_joint", 0, 0.5, new_data=True)], []),  # on other training samples
        (
            [run("concat", 0, 0.4, fusion_settings={"width": 1}), run("concat", 0, 0.9), run("late_joint", 0, 0.5)],
            [True],
        ),
        ([run("concat", 0, 1.0), run("late_average", 0, 0.7)], []),  # nobody asked about averages of probabilities
        ([run("concat", 0, 1.0), run("late_average", 0, 0.7), run("late_joint", 0, 1.0)], [False]),
        ([run("concat", 0, 0.9), run("late_average", 0, 0.95), run("late_joint", 0, 0.6)], [False]),
    ],
)
def test_the_past_is_read_off_runs_on_the_same_data_budget_and_seeds(runs: list[Summary], won: list[bool]) -> None:
    assert list(outcomes(runs)) == [("interactions", {}, each) for each in won]


def test_the_record_counts_what_became_of_the_advice(tmp_path: Path) -> None:
    """Each small data set's kept answer against runs made up for it: right, wrong, and silent."""
    runs = Runs(tmp_path)
    families = {0.0: "late", 0.5: "interaction", 0.7: None, 1.0: "interaction"}
    for synergy, family in families.items():
        for fusion, accuracy in (("concat", 0.5), ("late_joint", 0.8 if synergy == 0.5 else 0.4)):
            config = RunConfig.make("interactions", fusion, settings={**SMALL, "data.synergy": synergy})
            folder, _ = runs.open(config)
            store.write_json(folder / "status.json", {"status": "finished"})
            store.write_json(folder / "result.json", {"metrics": {"test/accuracy": accuracy}})
            kept = {"family": family, "reason": "late_loses", "values": {}, "pairs": []}
            store.write_json(place(tmp_path, "interactions", config.data_settings), kept)
    assert record(runs) == {"hits": 1, "misses": 2, "abstentions": 1} == read(record_place(tmp_path))


def test_the_price_speaks_of_the_sum_of_logits_that_one_loss_trains() -> None:
    """By the catalogue's facts; experts that learn apart are not of this family, on captions they lose .29."""
    assert catalog.sums_of_logits() == ["late_joint"]
    for reason in ("late_loses", "both_add", "pairs_differ"):
        assert "{methods}" in SENTENCES[reason] and "ointly trained" in SENTENCES[reason]
    for reason, sentence in SENTENCES.items():
        for claim in ("late fusion will do", "any method will do", "sum of experts"):
            assert claim not in sentence, reason


def test_noise_and_absence_are_in_the_exact_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At a training noise of 2 the page said .714; the advisor counts complete samples, so both accounts are told."""
    parameters = ["data.train_noise=2", "data.train_missing=0.5", "data.train_size=2048"]
    words = ["advise", "--dataset", "interactions", "--runs", str(tmp_path)]
    words += [word for parameter in parameters for word in ("--set", parameter)]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["accounts"]["complete"]["own"]["synergy"] == pytest.approx(0.1955, abs=1e-3)
    assert found["exact"]["synergy"] == pytest.approx(0.1955 / 4, abs=1e-3) and found["methods"] == ["late_joint"]
    assert found["price"] == pytest.approx(sum(found["accounts"]["train"]["prices"].values()))
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert (
        "exactly, training samples, each part" in printed
        and "that lack no modality" in printed
        and "0.714" not in printed
    )
