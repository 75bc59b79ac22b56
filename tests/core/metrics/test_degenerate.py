"""Every metric on every input that is hardly one: a right number, or a sentence that says why not. Never a traceback,
never NaN, never a hit for what is no number. What holds them: closed forms, brute force, scikit-learn."""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil

import pytest
import torch

import core.metrics
from core.metrics.accuracy import accuracies
from core.metrics.embedding import embedding_metrics
from core.metrics.rank import effective_rank
from core.metrics.retrieval import ranks, recall_at
from tests.core.metrics.every import EVERY, GOOD, OF_LOGITS, OTHERS, SCORES, answer, classes, here, spoilt

HERE = pytest.mark.filterwarnings("error")


def test_every_public_metric_is_here() -> None:
    named = set()
    for module in pkgutil.iter_modules(core.metrics.__path__):
        if module.name in ("check", "cost"):
            continue
        loaded = importlib.import_module(f"core.metrics.{module.name}")
        own = [
            (name, f) for name, f in inspect.getmembers(loaded, inspect.isfunction) if f.__module__ == loaded.__name__
        ]
        named |= {name for name, f in own if not name.startswith("_") and f not in OTHERS}
    assert named == set(EVERY) - {"seconds_left"}


@HERE
@pytest.mark.parametrize("name", EVERY)
def test_what_is_no_number_is_refused(name: str) -> None:
    assert answer(name, GOOD) is not None
    if name in ("compared", "blind_recall"):  # they ask who is there, and no number
        return
    for value in (math.nan, math.inf):
        assert answer(name, spoilt(value)) is None, value
    assert (answer(name, spoilt(-math.inf)) is not None) == (name in SCORES or name in OF_LOGITS)


@HERE
@pytest.mark.parametrize("name", EVERY)
def test_no_rows_and_no_columns_are_refused(name: str) -> None:
    if name not in (
        "shapley",
        "gradient_share",
        "mean_gradient_share",
        "jackknife",
        "compared",
        "blind_recall",
    ):  # they read no rows
        assert answer(name, GOOD[:0]) is None or name == "embedding_metrics"
    for x in (GOOD[:, :0], GOOD[:0, :0]):
        try:
            answer(name, x)
        except IndexError:
            assert name in ("robustness", "effective_robustness", "seconds_left")  # the table's own x[:, 0]


DEGENERATE = {
    "one row": GOOD[:1],
    "two rows": GOOD[:2],
    "one column": GOOD[:, :1],
    "all zero": torch.zeros(9, 4),
    "all equal": torch.full((9, 4), 0.1),
    "constant columns": torch.full((9, 1), 0.1) * torch.arange(1, 5),
    "one constant column": torch.cat([GOOD[:, :3], torch.full((9, 1), 3.3)], 1),
    "duplicates": GOOD[:3].repeat(3, 1),
    "half": GOOD.half(),
    "bfloat16": GOOD.bfloat16(),
    "double": GOOD.double(),
    "huge": 1e30 * GOOD,
    "huge double": 1e200 * GOOD.double(),
    "largest": torch.full((9, 4), torch.finfo(torch.float).max) * GOOD.sign(),
    "tiny": 1e-30 * GOOD,
    "tiny double": 1e-200 * GOOD.double(),
}


@HERE
@pytest.mark.parametrize("case", DEGENERATE)
@pytest.mark.parametrize("name", EVERY)
def test_a_number_or_a_sentence(name: str, case: str) -> None:
    x = DEGENERATE[case]
    if name == "effective_robustness" and x.shape[1] < 2:
        return
    answer(name, x)


@HERE
@pytest.mark.parametrize("name", EVERY)
def test_half_precision_is_measured_as_double(name: str) -> None:
    x = GOOD.half()
    assert answer(name, x) == pytest.approx(answer(name, x.double()), abs=0.02)


BLIND = ("effective_rank", "linear_cka", "silhouette", "cca", "linear_probe", "knn_probe", "discrimination_accuracy")
BLIND += ("uniformity", "spread", "knn_purity", "embedding_metrics", "gradient_share", *SCORES, "joint", "late_price")


@HERE
@pytest.mark.parametrize("name", BLIND)
def test_a_scale_that_means_nothing_changes_nothing(name: str) -> None:
    """Neither rows whose squares overflow nor such whose squares vanish."""
    if name == "accuracies":  # of the class alone: a part's probability is a sum, and no order
        return
    for factor in (1e30, 1e-30):
        assert answer(name, factor * GOOD.double()) == pytest.approx(answer(name, GOOD.double()), abs=1e-5)
        assert answer(name, factor * GOOD) == pytest.approx(answer(name, GOOD), abs=1e-5)


CONSTANT = {
    "total_variance": 0.0,
    "linear_cka": 0.0,
    "linear_probe": 1 / 3,
    "knn_probe": 1 / 3,
    "discrimination_accuracy": 0.5,
    "uniformity": 0.0,
    "spread": 0.0,
    "knn_purity": 0.25,  # 2 of the 8 others
    "emap_drop": 0.0,
    "ece": 0.0,  # a quarter sure, and right in a quarter of all cases
    "brier": 3 / 4,
    "perceptual_score": 0.0,
    "silhouette": 0.0,
}


@HERE
def test_all_equal_is_worth_a_blind_guess() -> None:
    """Nine samples of three classes that all look the same."""
    x = torch.full((9, 4), 0.1)
    for name, wanted in CONSTANT.items():
        assert answer(name, x) == pytest.approx([wanted], abs=1e-6), name
    assert effective_rank(x, centred=True) == 0
    assert answer("cca", x) is None
    assert accuracies(x, classes(x), {})["accuracy"] == pytest.approx(1 / 4)
    label = classes(x)
    assert recall_at(ranks(torch.zeros(9, 9), label[:, None] == label), 1) == pytest.approx(1 / 3)
    found = embedding_metrics({"a": x, "b": x}, label, here(x))
    assert found["recall@1"] == pytest.approx(1 / 3) and found["uniformity"] == found["spread"] == pytest.approx(
        0, abs=1e-6
    )
