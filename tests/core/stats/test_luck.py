"""Intervals and tests over seeds and test samples: they cover, they do not cry wolf, they stay where values can be."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from core.stats import Scores, interval, mixture, population_en, sentence_en, verdict
from core.stats.crossed import squares
from core.stats.interval import sampled_interval
from core.stats.share import share_interval
from tests.core.stats.tables import Case, answers, coverage, false_claims

GRID = [
    (seeds, samples, p, luck, hard)
    for seeds, samples in ((3, 256), (5, 500), (10, 1000))
    for p in ((0.5, 0.56), (0.9, 0.88), (0.998, 0.99))
    for luck, hard in ((0.0, 0.0), (0.0, 1.5), (0.1, 0.5), (0.3, 1.0))
]


@pytest.mark.parametrize("case", GRID[::5])
def test_they_cover(case: Case) -> None:
    assert min(coverage(case, 300)) > 0.915  # .93 less two standard errors of 300 tables


@pytest.mark.slow
def test_they_cover_over_the_whole_grid() -> None:
    found = {case: coverage(case, 2000) for case in GRID}
    assert min(map(min, found.values())) >= 0.93, found


@pytest.mark.parametrize(
    ("p", "samples", "luck", "hard"), [(0.8, 64, 0.1, 1.0), (0.998, 256, 0.0, 1.0), (0.9, 64, 0.0, 0.0)]
)
def test_equal_methods_are_rarely_told_apart(p: float, samples: int, luck: float, hard: float) -> None:
    y = answers(np.random.default_rng(0), 2000, 3, samples, (p, p), luck, hard)
    assert false_claims(y) <= 0.055


@pytest.mark.slow
@pytest.mark.parametrize("samples", [256, 500, 1000, 2000])
@pytest.mark.parametrize(
    ("p", "luck", "hard"), [(0.998, 0, 0), (0.998, 0, 1), (0.998, 0.2, 1), (0.9, 0.1, 1), (0.8, 0.3, 1)]
)
def test_equal_methods_are_rarely_told_apart_in_10_000_tables(p: float, luck: float, hard: float, samples: int) -> None:
    draw = np.random.default_rng(0)
    parts = [false_claims(answers(draw, 500, 3, samples, (p, p), luck, hard)) for _ in range(20)]
    assert np.mean(parts) <= 0.055


@pytest.mark.parametrize("samples", [256, 500, 1000, 2000])
@pytest.mark.parametrize("methods", [2, 3])
def test_coarse_accuracies_near_the_ceiling_without_answers(methods: int, samples: int) -> None:
    """10,000 tables of three plain values a method; a pair's p by the verdict's own rule, in one go."""
    x = np.random.default_rng(0).binomial(samples, 0.998, size=(10_000, methods, 3)) / samples
    pairs = list(combinations(range(methods), 2))
    p = np.ones((len(x), len(pairs)))
    for column, (a, b) in enumerate(pairs):
        d = x[:, a] - x[:, b]
        varies = d.std(1, ddof=1) > 1e-12
        p[varies, column] = stats.ttest_1samp(d[varies], 0, axis=1).pvalue
    for row in range(0, len(x), 500):  # what is vectorised here is what the verdict does
        pairs_of = verdict({f"m{i}": list(v) for i, v in enumerate(x[row])})["pairs"]
        for pair, wanted in zip(pairs_of, p[row], strict=True):
            assert pair["p"] is None or pair["p"] == pytest.approx(wanted) or (wanted == 1 and pair["p"] == 0.25)
    assert (p.min(1) < 0.05 / len(pairs)).mean() <= 0.055


def test_one_sample_of_1000_tells_nothing() -> None:
    """Constant over the seeds, one answer apart: the state of `interactions`."""
    a = np.ones(1000, np.uint8)
    a[814:] = 0
    b = a.copy()
    b[813] = 0
    values = {"a": [0.814] * 3, "b": [0.813] * 3}
    scores = Scores({"a": dict.fromkeys(range(3), a), "b": dict.fromkeys(range(3), b)})
    found = verdict(values, scores=scores, bounds=(0, 1))
    (pair,) = found["pairs"]
    assert pair["verdict"] == "cannot tell" and pair["p"] > 0.1
    assert pair["low"] < 0 < pair["high"] < 0.01
    assert found["methods"]["a"]["low"] == pytest.approx(0.789, abs=0.003)  # Wilson's of 814 in 1,000
    assert found["methods"]["a"]["high"] == pytest.approx(0.837, abs=0.003)
    (bare,) = verdict(values)["pairs"]
    assert (bare["verdict"], bare["reason"], bare["p"]) == ("cannot tell", "constant", None)
    assert verdict(values)["methods"]["a"]["low"] is None


def test_a_clear_difference_between_constant_methods_is_told() -> None:
    a, b = np.ones(500, np.uint8), np.ones(500, np.uint8)
    b[:40] = 0
    scores = Scores({"a": dict.fromkeys(range(3), a), "b": dict.fromkeys(range(3), b)})
    found = verdict({"a": [1.0] * 3, "b": [0.92] * 3}, scores=scores, bounds=(0, 1))
    assert found["pairs"][0][
        "verdict"
    ] == "better" and "a beats b by 5.6 to 10 points (3 seeds, 500 test samples, p<.001)" in sentence_en(found)


def test_no_error_at_all_is_not_certainty() -> None:
    low, high = share_interval(np.ones((3, 256)))
    assert high == 1 and 0.98 < low < 0.999  # Clopper and Pearson: .986
    assert sampled_interval(np.ones((3, 256)), True)[0] == low


def test_intervals_stay_where_values_can_be() -> None:
    near = [0.999, 0.9, 0.99]
    assert interval(near).high > 1 and interval(near, bounds=(0, 1)).high == 1
    assert interval([0.01, 0.1, 0.0], bounds=(0, 1)).low == 0
    found = verdict({"a": near, "b": [0.0, 0.3, 0.1]}, bounds=(0, 1))
    assert found["methods"]["a"]["high"] == 1 and found["pairs"][0]["high"] <= 1
    values = np.random.default_rng(0).normal(0.99, 0.3, size=(3, 20))
    assert sampled_interval(values, False, bounds=(-math.inf, 1))[1] == 1


def test_mean_squares_by_hand() -> None:
    y = np.random.default_rng(0).normal(size=(4, 7))
    found = squares(y)
    assert found.seed == pytest.approx(7 * y.mean(1).var(ddof=1))
    assert found.sample == pytest.approx(4 * y.mean(0).var(ddof=1))
    left = y - y.mean(1, keepdims=True) - y.mean(0) + y.mean()
    assert found.rest == pytest.approx((left**2).sum() / 18)


def test_the_law_of_two_parts_is_students_at_its_ends() -> None:
    for few, many in ((1, 255), (2, 15), (9, 999)):
        for x in (0.5, 2.0, 12.0):
            assert mixture.two_sided(x, 1.0, few, many) == pytest.approx(2 * stats.t.sf(x, few), rel=1e-6)
            assert mixture.two_sided(x, 0.0, few, many) == pytest.approx(
                2 * stats.t.sf(x, many), rel=0.06 if many > 200 else 1e-4
            )
        assert mixture.critical(1.0, few, many, 0.05) == pytest.approx(stats.t.ppf(0.975, few), rel=1e-6)
    draw = np.random.default_rng(0)
    x = math.sqrt(0.4) * draw.standard_t(2, 400_000) + math.sqrt(0.6) * draw.standard_normal(400_000)
    assert mixture.two_sided(3.0, 0.4, 2, 999) == pytest.approx((abs(x) > 3).mean(), rel=0.02)


def test_runs_without_answers_count_over_seeds_and_say_so() -> None:
    draw = np.random.default_rng(0)
    right = {name: {s: (draw.random(100) < 0.8) for s in range(3)} for name in "ab"}
    values = {name: {s: float(row.mean()) for s, row in rows.items()} for name, rows in right.items()}
    values["c"] = {0: 0.5, 1: 0.52, 2: 0.49}
    found = verdict(values, scores=Scores(right), bounds=(0, 1))
    over = {(p["a"], p["b"]): p["over"] for p in found["pairs"]}
    assert over == {("a", "b"): "seeds and samples", ("a", "c"): "seeds", ("b", "c"): "seeds"}
    assert "new test samples of this kind; not of new training data." in population_en(["seeds and samples"])
    assert "Some runs kept no predictions" in population_en(list(over.values()))
    assert "new training data" in population_en(["seeds and samples"], True) and "not of" not in population_en(
        ["seeds and samples"], True
    )


def test_a_benchmark_beside_it_still_gets_the_standard_librarys_statistics() -> None:
    benchmarks = Path(__file__).resolve().parents[3] / "benchmarks"
    code = "import statistics, random; print(statistics.fmean([1, 2]))"
    verdicts = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(benchmarks)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert verdicts.stdout == "1.5\n"
