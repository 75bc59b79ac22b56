"""The max rule against numbers by hand, and what it cannot do."""

from __future__ import annotations

import pytest
import torch

from tests.core.fusion.experts import decided, late


def test_by_hand() -> None:
    p = decided(late("late_max"), [0.7, 0.2, 0.1], [0.1, 0.5, 0.4])
    assert p.tolist() == pytest.approx([0.7 / 1.6, 0.5 / 1.6, 0.4 / 1.6])


def test_the_surest_decides_where_the_average_does_not() -> None:
    opinions = [0.60, 0.40, 0.0001], [0.0001, 0.45, 0.55], [0.0001, 0.45, 0.55]
    assert decided(late("late_max", 3), *opinions).argmax() == 0
    assert decided(late("late_average", 3), *opinions).argmax() == 1


def test_who_is_absent_is_not_believed() -> None:
    model = late("late_max")
    assert decided(model, [0.9, 0.05, 0.05], [0.2, 0.3, 0.5], without=(0,)).tolist() == pytest.approx([0.2, 0.3, 0.5])
    nobody = decided(model, [0.9, 0.05, 0.05], [0.2, 0.3, 0.5], without=(0, 1))
    assert torch.allclose(nobody, torch.full((3,), 1 / 3))


def test_halves_of_an_answer_are_not_put_together() -> None:
    """One modality knows that it is 0 or 1, the other that it is 0 or 2: only a sum concludes 0."""
    opinions = [0.5, 0.49, 0.01], [0.48, 0.01, 0.51]
    assert decided(late("late_average"), *opinions).argmax() == 0
    assert decided(late("late_max"), *opinions).argmax() == 2
