"""What metrics ask of their input: the sentence says what was expected, and limits lie where they are said to lie."""

from __future__ import annotations

import math

import pytest
import torch

from core.errors import MetricError
from core.metrics.check import classes, enough, rows, scores, settled, shaped, unit, varies, within


def test_the_expected_shape_is_written_as_python_writes_it() -> None:
    one, three = torch.ones(4), torch.ones(5, 2, 2)
    cases = (
        (lambda: rows("m", 1, 5, x=one), "m needs x in shape (5,), got (4,)"),
        (lambda: rows("m", 2, x=one), "m needs x in shape (4, C), got (4,)"),
        (lambda: shaped("m", 3, 6, x=three), "m needs x in shape (6, C, D), got (5, 2, 2)"),
        (lambda: scores("m", x=three), "m needs x in shape (5, C), got (5, 2, 2)"),
        (lambda: rows("m", 2, x=torch.ones(0, 3)), "m needs x in shape (1, C), got (0, 3)"),
        (lambda: rows("m", 2, x=torch.ones(3, 2), y=torch.ones(2, 2)), "m needs y in shape (3, C), got (2, 2)"),
    )
    for refused, sentence in cases:
        with pytest.raises(MetricError) as error:
            refused()
        assert str(error.value).startswith(sentence)


def test_classes_are_whole_numbers_below_their_count() -> None:
    classes("m", 3, below=3, target=torch.tensor([0, 2, 1]))
    classes("m", 1, target=torch.tensor([10**6]))
    for target in ([0, 3, 1], [0, -1, 1], [0.0, 2.0, 1.0]):
        with pytest.raises(MetricError):
            classes("m", 3, below=3, target=torch.tensor(target))


def test_ends_are_within() -> None:
    within("m", "x", torch.tensor([0.0, 1.0]), 0, 1)
    within("m", "x", 1, 0, 1)
    for value, worst in ((torch.tensor([0.5, 1.5]), "1.5"), (torch.tensor([-0.5, 0.5]), "-0.5"), (2, "2")):
        with pytest.raises(MetricError, match=f"0..1, got {worst}"):
            within("m", "x", value, 0, 1)
    enough("m", "x", 2, 2)
    with pytest.raises(MetricError, match="2 rows or more"):
        enough("m", "x", 1, 2)
    assert settled("m", -1e308) == -1e308
    with pytest.raises(MetricError):
        settled("m", math.inf)


@pytest.mark.parametrize("size", [1e-30, 1e-12, 1.0, 1e12, 1e30])
def test_unit_rows_of_any_size(size: float) -> None:
    found = unit("m", size * torch.tensor([[3.0, 4.0], [0.0, 0.0], [0.0, -2.0]]))
    assert torch.allclose(found, torch.tensor([[0.6, 0.8], [0.0, 0.0], [0.0, -1.0]]))
    assert unit("m", torch.tensor([[3.0, 4.0]]).half()).dtype == torch.double


def test_what_varies_by_rounding_alone_does_not_vary() -> None:
    step = torch.finfo(torch.float).eps
    pairs = torch.tensor(
        [[1, 1 + 8 * step], [1, 1 + 9 * step], [-1 - 9 * step, -1], [0, 1e-30], [1e6, 1e6 * (1 + 4 * step)]]
    )
    assert varies(pairs.unsqueeze(2)).flatten().tolist() == [False, True, True, True, False]
    assert varies(torch.tensor([[3, 3], [3, 4]])).tolist() == [False, True]
