"""What a modality contributes: Shapley, perceptual score, EMAP, gradient share."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch

from core.errors import MetricError
from core.metrics.emap import emap, emap_dealt, emap_drop
from core.metrics.gradient_share import gradient_share, mean_gradient_share
from core.metrics.perceptual import perceptual_score
from core.metrics.shapley import shapley

TABLES = {  # accuracy with nothing, with a alone, with b alone, with both
    "xor": ((0.5, 0.5, 0.5, 1.0), (0.25, 0.25)),
    "redundancy": ((0.5, 0.9, 0.9, 0.9), (0.2, 0.2)),
    "unique": ((0.5, 0.9, 0.5, 0.9), (0.4, 0.0)),
}


@pytest.mark.parametrize("name", TABLES)
def test_shapley_of_two(name: str) -> None:
    (none, a, b, both), wanted = TABLES[name]
    worth = {frozenset(): none, frozenset("a"): a, frozenset("b"): b, frozenset("ab"): both}
    assert tuple(shapley(worth.__getitem__, "ab").values()) == pytest.approx(wanted)


def test_shapley_of_three() -> None:
    def value(s: frozenset[str]) -> float:
        return 4 * ("a" in s) + 1 * ("b" in s) + 3 * ("c" in s) + 3 * ({"a", "c"} <= s)

    assert tuple(shapley(value, "abc").values()) == pytest.approx((5.5, 1, 4.5))


def test_shapley_is_the_mean_over_orders() -> None:
    rng = np.random.default_rng(0)
    worth: dict[frozenset[str], float] = {}
    found = shapley(lambda s: worth.setdefault(s, rng.normal()), "abcd")
    for m in "abcd":
        gains = [
            worth[frozenset(o[: o.index(m) + 1])] - worth[frozenset(o[: o.index(m)])] for o in permutations("abcd")
        ]
        assert found[m] == pytest.approx(np.mean(gains))


def test_perceptual_score_of_a_modality_that_is_heard_and_of_one_that_is_not() -> None:
    target = torch.arange(4000) % 2
    inputs = {"a": torch.stack([1.0 - target, target], 1), "b": torch.randn(4000, 2)}
    draw = torch.Generator().manual_seed(0)
    assert perceptual_score(lambda x: x["a"], inputs, target, "a", draw) == pytest.approx(0.5, abs=0.03)
    assert perceptual_score(lambda x: x["a"], inputs, target, "b", draw) == 0


def test_emap_leaves_a_sum_alone_and_takes_xor_away() -> None:
    draw = torch.Generator().manual_seed(0)
    left, right = torch.randn(40, 3, generator=draw), torch.randn(40, 3, generator=draw)
    target = torch.randint(3, (40,), generator=draw)
    full, additive = emap(left[:, None] + right[None], 40)
    assert torch.allclose(full, additive) and emap_drop(left[:, None] + right[None], target) == 0
    a, b = torch.arange(400) % 2, torch.arange(400) // 2 % 2

    def xor(i: torch.Tensor, j: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.one_hot(a[i] ^ b[j], 2).float()

    assert emap_drop(xor, a ^ b) == pytest.approx(0.5)


def test_emap_is_the_least_squares_sum() -> None:
    pairs = torch.randn(6, 6, 1, generator=torch.Generator().manual_seed(1)).double()
    i, j = np.indices((6, 6)).reshape(2, -1)
    design = np.concatenate([np.eye(6)[i], np.eye(6)[j]], 1)
    fitted = design @ np.linalg.lstsq(design, pairs.reshape(-1).numpy(), rcond=None)[0]
    assert emap(pairs, 6)[1][:, 0].numpy() == pytest.approx(fitted.reshape(6, 6).diagonal())


def test_emap_of_three_leaves_a_sum_alone_and_takes_the_parity_away() -> None:
    draw = torch.Generator().manual_seed(0)
    parts = [torch.randn(40, 3, generator=draw) for _ in range(3)]
    deals = torch.randint(40, (3, 7), generator=draw)
    full, additive = emap_dealt(lambda *rows: sum(p[r] for p, r in zip(parts, rows, strict=True)), deals, 40)
    assert torch.equal(full, additive)
    bits = torch.randint(2, (3, 400), generator=draw)

    def parity(*rows: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.one_hot(sum(b[r] for b, r in zip(bits, rows, strict=True)) % 2, 2).float()

    full, additive = emap_dealt(parity, torch.randint(400, (3, 48), generator=draw), 400)
    target = bits.sum(0) % 2
    assert (full.argmax(1) == target).all()
    assert (additive.argmax(1) == target).float().mean() == pytest.approx(0.5, abs=0.1)


def test_emap_with_deals_of_all_is_that_of_all_pairs() -> None:
    pairs = torch.randn(6, 6, 2, generator=torch.Generator().manual_seed(1)).double()
    everything = torch.cartesian_prod(torch.arange(6), torch.arange(6)).T
    dealt = emap_dealt(lambda i, j: pairs[i, j], everything, 6)
    assert all(torch.allclose(one, other) for one, other in zip(dealt, emap(pairs, 6), strict=True))


def test_a_tie_is_not_decided_by_rounding() -> None:
    """.1 + .2 is not .3 in floats: two classes that tie in the sum tie in its projection, and the first of them is named in both."""
    left = torch.tensor([[0.1, 0.3], [0.2, 0.6], [0.7, 0.1]])
    right = torch.tensor([[0.2, 0.0], [0.7, 0.3], [0.3, 0.9]])
    full, additive = emap((left[:, None] + right[None]).float(), 3)
    assert torch.equal(full, additive)


def test_gradient_share() -> None:
    assert gradient_share({"a": 5.0, "b": 15.0}) == {"a": pytest.approx(0.25), "b": pytest.approx(0.75)}
    assert gradient_share({"a": 1e308, "b": 1e308}) == {"a": 0.5, "b": 0.5}
    assert gradient_share({"a": 0.0, "b": 0.0}) == {"a": 0, "b": 0} and gradient_share({}) == {}
    for broken in (-1.0, float("nan"), float("inf")):
        with pytest.raises(MetricError, match="gradient share needs a"):
            gradient_share({"a": broken, "b": 1.0})


def test_the_mean_share_is_over_the_records_that_hold_norms() -> None:
    records = [
        {"step": 0, "test/loss": 1.0},
        {"step": 1, "gradient/a": 1.0, "gradient/b": 3.0},
        {"step": 2, "gradient/a": 0.0, "gradient/b": 0.0},
        {"step": 3, "gradient/a": 300.0, "gradient/b": 100.0},
        {"step": 4, "gradient/b": 7.0},
    ]
    assert mean_gradient_share(records) == {"a": pytest.approx(1 / 3), "b": pytest.approx(2 / 3)}
    assert mean_gradient_share(records[:1]) == {}


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(MetricError, match="scores in shape"):
        emap_drop(torch.zeros(3, 4, 2), torch.zeros(3, dtype=torch.long))
