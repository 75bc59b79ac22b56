"""The advisor on data whose best family is known."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from core.advisor import TrackRecord, advise, track_record
from core.advisor.codes import codes
from core.advisor.estimate import estimate
from core.advisor.stakes import accuracy_lost
from core.data.interactions import Interactions
from core.data.interactions_truth import bits
from core.errors import MetricError
from core.metrics.late_price import best_late
from tests.core.metrics.joints import gate, interactions


def raw(**parameters: Any) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The training split of `interactions` as its features and labels."""
    settings = {parameter.name: parameter.default for parameter in Interactions.parameters} | parameters
    train = Interactions.load(**settings).train
    return {name: x.numpy() for name, x in train.inputs.items()}, train.target.numpy()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_it_finds_the_price_in_raw_samples(seed: int) -> None:
    advice = advise(*raw(seed=seed))
    found = advice.speaks.estimate
    assert advice.family == "interaction" and advice.reason == "late_loses"
    assert found is not None and found.price == pytest.approx(bits(0.05), abs=0.03)
    parts = (found.redundancy, found.unique1, found.unique2, found.synergy)
    assert parts == pytest.approx([bits(0.05)] * 4, abs=0.06)
    assert found.null[0] < 0 < found.null[1] < 0.02 and found.p_value < 0.01
    assert advice.values["points"] == pytest.approx(35, abs=5)


@pytest.mark.parametrize(
    ("parameters", "family"),
    [
        ({"synergy": 0.0}, {"late", "any"}),
        pytest.param({"synergy": 0.0, "unique2": 0.0}, {"single:x1"}, marks=pytest.mark.slow),
        pytest.param({"synergy": 0.0, "unique1": 0.0}, {"single:x2"}, marks=pytest.mark.slow),
        ({"synergy": 0.0, "unique1": 0.0, "unique2": 0.0}, {"any"}),
    ],
)
def test_without_synergy_no_interaction(parameters: dict[str, float], family: set[str]) -> None:
    assert advise(*raw(**parameters)).family in family


@pytest.mark.slow
def test_labels_of_no_use() -> None:
    features, labels = raw(synergy=0.0)
    assert advise(features, np.random.default_rng(0).permutation(labels)).reason == "nothing_told"


def test_too_few_samples() -> None:
    features, labels = raw(train_size=100)
    advice = advise(features, labels)
    assert advice.abstains and advice.reason == "too_few_samples"
    assert advice.values == {"first": "x1", "second": "x2", "samples": 100, "per_cell": 2}
    assert json.loads(json.dumps(advice.data(), allow_nan=False))["family"] is None


def test_codes_that_tell_little_of_a_modality() -> None:
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(600, 40))
    advice = advise({"cloud": cloud, "coin": rng.integers(2, size=(600, 1))}, (cloud[:, 0] > 0).astype(int))
    assert advice.abstains and advice.reason == "coarse_codes" and advice.values["modality"] == "cloud"


def test_three_modalities_and_the_pair_that_interacts() -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.integers(2, size=(3, 3000))
    features = {name: x[:, None] + 0.01 * rng.normal(size=(3000, 2)) for name, x in (("a", a), ("b", b), ("c", c))}
    advice = advise(features, a ^ c)
    assert advice.family == "interaction" and len(advice.pairs) == 3
    assert (advice.speaks.first, advice.speaks.second) == ("a", "c")
    assert advise(features, b).family == "single:b"


def test_many_modalities_leave_a_significant_price_possible() -> None:
    rng = np.random.default_rng(0)
    coins = rng.integers(2, size=(7, 400))
    advice = advise({f"m{i}": coin[:, None] for i, coin in enumerate(coins)}, coins[2] ^ coins[5])
    assert advice.family == "interaction" and advice.values["first"] == "m2" and advice.values["second"] == "m5"


def test_absent_rows_are_left_out() -> None:
    features, labels = raw(train_size=1024)
    features["x1"][:300] = np.nan
    assert advise(features, labels).pairs[0].samples == 724


def test_same_seed_same_advice() -> None:
    features, labels = raw(train_size=512)
    assert advise(features, labels, 3) == advise(features, labels, 3)


def test_what_cannot_be_advised_on() -> None:
    x = np.zeros((10, 2))
    with pytest.raises(MetricError, match="two modalities"):
        advise({"a": x}, np.arange(10))
    with pytest.raises(MetricError, match="10 samples"):
        advise({"a": x, "b": x[:9]}, np.arange(10))
    with pytest.raises(MetricError, match="two classes"):
        advise({"a": x, "b": x}, np.zeros(10))


@pytest.mark.slow
def test_the_null_holds_its_level() -> None:
    """Where late fusion loses nothing, no more than alpha of all tables look as if it did."""
    rng = np.random.default_rng(0)
    label, first, second = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3), 3), rng.dirichlet(np.ones(3), 3)
    p = np.einsum("c,ca,cb->abc", label, first, second)
    found = [estimate(rng.multinomial(300, p.ravel()).reshape(p.shape), rng) for _ in range(60)]
    assert sum(f.p_value <= 0.05 for f in found) <= 7  # 3 expected, 7 in one case of forty
    assert abs(np.mean([f.price for f in found])) < 0.005


@pytest.mark.parametrize("samples", [1024, 4096])
def test_the_bias_of_counting_is_taken_off(samples: int) -> None:
    rng = np.random.default_rng(1)
    p = interactions((0.05, 0.05, 0.05, 0.05))
    found = estimate(rng.multinomial(samples, p.ravel()).reshape(p.shape), rng)
    assert found.price == pytest.approx(bits(0.05), abs=0.06 if samples == 1024 else 0.02)


def test_points_of_known_gates() -> None:
    xor, both = gate(lambda a, b: a ^ b, 0.1), gate(lambda a, b: a & b)
    assert accuracy_lost(xor, best_late(xor)) == pytest.approx(0.4)
    assert accuracy_lost(both, best_late(both)) == pytest.approx(0)


def test_codes_of_clusters_and_of_symbols() -> None:
    rng = np.random.default_rng(0)
    corner = rng.integers(2, size=(2000, 3))
    found = codes(corner @ rng.normal(size=(3, 12)) + 0.05 * rng.normal(size=(2000, 12)), 16, rng)
    cell = corner @ [4, 2, 1]
    assert found.count == len(set(zip(found.code, cell, strict=True))) and found.explained > 0.9
    assert found.count >= 8
    symbols = codes(np.eye(5)[rng.integers(5, size=300)], 6, rng)
    assert symbols.count == 5 and symbols.explained == 1


def test_track_record() -> None:
    past = [("interaction", True), ("interaction", False), ("late", False), ("any", True), (None, True)]
    assert track_record(past) == TrackRecord(hits=2, misses=2, abstentions=1)
    assert track_record(past).share == 0.5 and track_record([]).share is None
