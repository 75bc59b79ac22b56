"""The difference that could have been shown is the one that the whole procedure shows four times of five."""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import pytest

from core.stats import Scores, holm, smallest_detectable, verdict
from core.stats.crossed import Squares, pooled, squares
from core.stats.power import detectable
from core.stats.share import difference_squares
from tests.core.stats.tables import called, crossed

METHODS, SEEDS = (2, 3, 4, 6), (3, 5, 10)


@pytest.mark.parametrize("methods", METHODS)
@pytest.mark.parametrize("seeds", SEEDS)
def test_it_is_shown_four_times_of_five_among_all_pairs(methods: int, seeds: int) -> None:
    sd = 0.01
    x = sd * np.random.default_rng([methods, seeds]).normal(size=(4000, methods, seeds))
    x[:, 0] += smallest_detectable(sd * 2**0.5, seeds, methods=methods)
    assert 0.77 < called(x) < 0.83


def test_a_verdict_allows_for_the_number_of_its_methods() -> None:
    x = np.random.default_rng(0).normal(size=(6, 5))
    for methods in METHODS:
        found = verdict({f"m{i}": list(x[i]) for i in range(methods)})
        for pair in found["pairs"]:
            a, b = (x[int(pair[side][1:])] for side in "ab")
            wanted = smallest_detectable(float((a - b).std(ddof=1)), 5, methods=methods)
            assert pair["detectable"] == pytest.approx(wanted)


def test_what_was_seen_and_not_told_is_less_than_what_could_have_been_shown() -> None:
    draw = np.random.default_rng(0)
    for seeds in SEEDS:
        for methods in (2, 6):
            for size in (1, 3, 9):
                x = draw.normal(size=(40, methods, seeds)) + size * draw.normal(size=(40, methods, 1))
                for one in x:
                    found = verdict({f"m{i}": list(row) for i, row in enumerate(one)})
                    assert all(
                        abs(p["difference"]) < p["detectable"] for p in found["pairs"] if p["verdict"] == "cannot tell"
                    )


@pytest.mark.parametrize("methods", METHODS)
@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("parts", [(0.0, 1.0, 0.5), (0.04, 1.0, 1.0)], ids=["samples", "both"])
def test_over_seeds_and_samples(methods: int, seeds: int, parts: tuple[float, float, float]) -> None:
    """Scores drawn from the crossed model itself, judged by the test that the verdict makes."""
    samples, tables = 64, 400
    draw = np.random.default_rng([methods, seeds])
    scores, expected = crossed(draw, (tables, methods, seeds, samples), parts)
    scores[:, 0] += detectable(Squares(seeds, samples, *map(np.asarray, (0.0, *expected))), methods=methods)
    pairs = list(combinations(range(methods), 2))
    found = [squares(scores[:, a] - scores[:, b]) for a, b in pairs]
    p = np.stack([one.p(one.mean) for one in found], 1)
    corrected = np.array([holm(list(row)) for row in p])
    assert 0.75 < (corrected[:, : methods - 1] < 0.05).mean() < 0.87


def test_a_verdict_over_samples_says_what_the_parts_say() -> None:
    draw = np.random.default_rng(0)
    right = draw.random((3, 4, 200)) < 0.8
    scores = {f"m{i}": dict(enumerate(row)) for i, row in enumerate(right)}
    values = {name: {s: float(row.mean()) for s, row in rows.items()} for name, rows in scores.items()}
    begun = time.process_time()
    found = verdict(values, scores=Scores(scores), bounds=(0, 1))
    assert time.process_time() - begun < 1  # the first of its kind; the next ones remember
    of = {
        tuple(pair): difference_squares(right[pair[0]].astype(float) - right[pair[1]])
        for pair in ((0, 1), (0, 2), (1, 2))
    }
    for pair, own in zip(found["pairs"], of.values(), strict=True):
        assert pair["detectable"] == pytest.approx(detectable(own, methods=3, like=pooled(list(of.values()))))
        assert pair["over"] == "seeds and samples" and pair["samples"] == 200
