"""Intervals, paired tests and verdicts against scipy, hand calculations and simulations."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy import stats

from core.errors import MetricError
from core.stats import holm, interval, paired, sentence_en, smallest_detectable, verdict

NOISE = np.random.default_rng(0).normal(size=(6, 8))


def test_interval_is_scipys() -> None:
    found = interval(list(NOISE[0]))
    low, high = stats.t.interval(0.95, 7, NOISE[0].mean(), stats.sem(NOISE[0]))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
    assert found.n == 8 and found.sd == pytest.approx(NOISE[0].std(ddof=1))


def test_interval_of_one_value_and_of_none() -> None:
    assert interval([3.0]).mean == 3 and math.isnan(interval([3.0]).low)
    assert interval([math.nan]).n == 0 and math.isnan(interval([]).mean)
    assert interval([1.0, math.nan, 3.0]).mean == 2


def test_paired_is_scipys() -> None:
    found, wanted = paired(list(NOISE[0]), list(NOISE[1])), stats.ttest_rel(NOISE[0], NOISE[1])
    assert (found.t, found.p) == pytest.approx((wanted.statistic, wanted.pvalue), rel=1e-10)
    limits = wanted.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high), rel=1e-10)
    d = NOISE[0] - NOISE[1]
    assert found.effect == pytest.approx(d.mean() / d.std(ddof=1))


def test_luck_that_both_share_cancels() -> None:
    luck = NOISE[2]
    a, b = luck + 0.1 + 0.01 * NOISE[0], luck + 0.01 * NOISE[1]
    assert paired(list(a), list(b)).p < 0.001 < 0.5 < stats.ttest_ind(a, b).pvalue


@pytest.mark.parametrize("n", [2, 5, 12])
def test_the_smallest_detectable_difference_is_detected_at_its_power(n: int) -> None:
    shift = smallest_detectable(2.0, n, power=0.8)
    draws = np.random.default_rng(n).normal(shift, 2.0, size=(40_000, n))
    assert (stats.ttest_1samp(draws, 0, axis=1).pvalue < 0.05).mean() == pytest.approx(0.8, abs=0.01)


def test_few_seeds() -> None:
    one = paired([0.5], [0.25])
    assert (one.n, one.difference) == (1, 0.25) and math.isnan(one.p)
    assert paired([0.5, math.nan], [math.nan, 0.1]).n == 0
    with pytest.raises(MetricError, match=r"\(2,\) and \(1,\)"):
        paired([1.0, 2.0], [1.0])


def test_no_spread() -> None:
    assert paired([0.1, 0.2], [0.1, 0.2]).p == 1
    still = paired([0.9] * 5, [0.1] * 5)  # the seeds never differ: they say nothing of luck
    assert math.isnan(still.p) and still.constant
    shifted = paired([0.5, 0.6, 0.7], [0.4, 0.5, 0.6])  # equal but for rounding: only the signs are left
    assert shifted.p == 0.25 and not shifted.constant


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1, 1]
    found = holm([0.01, math.nan, 0.04])
    assert found[::2] == pytest.approx([0.02, 0.04]) and math.isnan(found[1])
    assert holm([]) == []


def example(**changes: list[float | None]) -> dict[str, list[float | None]]:
    """tensor and concat share the top; late_average is far below."""
    jitter = 0.01 * NOISE[:, :5]
    values: dict[str, list[float | None]] = {
        "late_average": list(0.50 + jitter[0]),
        "tensor": list(0.95 + jitter[1]),
        "concat": list(0.948 + jitter[2]),
    }
    return values | changes


def test_verdict() -> None:
    found = verdict(example())
    assert found["best"] in (["tensor", "concat"], ["concat", "tensor"]) and found["outcome"] == "several"
    rivals = {pair["b"]: pair for pair in found["rivals"]}
    assert set(rivals) == set(example()) - {found["leader"]}
    pair = rivals["late_average"]
    assert pair["verdict"] == "better" and pair["n"] == 5 and 0.42 < pair["low"] < pair["high"] < 0.48
    stored = next(p for p in found["pairs"] if {p["a"], p["b"]} == {found["leader"], "late_average"})
    assert (stored["a"], stored["verdict"], stored["high"]) == ("late_average", "worse", -pair["low"])  # it comes first
    others = [p for p in found["pairs"] if "late_average" not in (p["a"], p["b"])]
    assert [p["verdict"] for p in others] == ["cannot tell"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_lower_may_be_better() -> None:
    found = verdict(example(), higher_is_better=False)
    assert found["best"] == ["late_average"] and found["outcome"] == "best"
    assert sentence_en(found, 1, "nats").startswith("late_average beats tensor by 0.4")


def test_sentence() -> None:
    text = sentence_en(verdict(example(gated=[0.9496, 0.93, 0.96, 0.94, 0.955], lost=[None] * 5)))
    assert text.startswith(("tensor beats late_average by 4", "concat beats late_average by 4"))
    assert "points (5 seeds, p<.001). " in text and " points). lost: no values." in text
    leader = verdict(example())["leader"]
    assert f"{leader} against " in text  # what it is compared with
    alike = sentence_en(verdict({"a": [0.5, 0.6, 0.4], "b": [0.6, 0.5, 0.4]}))
    assert alike.startswith("a against b: cannot tell (3 seeds; these could show a difference of ")
    assert sentence_en(verdict({"a": [0.5], "b": [0.6]})) == (
        "b against a: cannot tell from 1 seed; two or more in common are needed."
    )
    constant = sentence_en(verdict({"a": [0.814] * 3, "b": [0.813] * 3}))
    assert constant.startswith("a against b: cannot tell: no value varies over the seeds") and "p<" not in constant
    assert sentence_en(verdict({"a": [0.5, 0.6]})) == "Nothing to compare: only a has values."
    assert sentence_en(verdict({})) == "Nothing to compare: there are no values."


def test_only_common_seeds_are_compared_and_counted() -> None:
    found = verdict({"a": {0: 0.5, 1: 0.6, 3: 0.7}, "b": {1: 0.1, 3: math.nan, 4: 0.3, 0: 0.2}})
    assert found["pairs"][0]["n"] == 2 and found["methods"]["b"]["n"] == 3
    assert found["pairs"][0]["difference"] == pytest.approx((0.3 + 0.5) / 2)
    apart = verdict({"a": {0: 0.5}, "b": {1: 0.5}})["pairs"][0]
    assert apart["n"] == 0 and apart["difference"] is None and apart["reason"] == "few_seeds"


def test_reasons() -> None:
    same = [0.5, 0.6, 0.7]
    found = verdict({"a": same, "b": same, "c": [x + 0.1 for x in same]})
    reasons = {(pair["a"], pair["b"]): pair["reason"] for pair in found["pairs"]}
    assert (reasons["a", "b"], reasons["a", "c"]) == ("equal", "no_spread")
    rng = np.random.default_rng(1)
    close = {name: list(rng.normal(0, 1, 8)) for name in "abcdef"}
    close["a"] = [x + 1.3 for x in close["a"]]
    reasons = {pair["reason"] for pair in verdict(close)["pairs"]}
    assert "holm" in reasons  # below alpha alone, not among fifteen


def test_false_claims_stay_rare_when_nothing_differs() -> None:
    rng = np.random.default_rng(0)
    claims = 0
    for _ in range(1500):
        luck = rng.normal(size=5)
        values = {name: list(luck + rng.normal(size=5)) for name in ("a", "b", "c", "d")}
        claims += verdict(values)["outcome"] != "cannot tell"
    assert 0.01 < claims / 1500 <= 0.07
