"""The vote: who wins, and the tie rule as it is stated."""

from __future__ import annotations

import pytest
import torch

from tests.core.fusion.experts import decided, late

SURE_OF_0, PREFERS_1, DOUBTS_1 = [0.9, 0.05, 0.05], [0.1, 0.6, 0.3], [0.2, 0.45, 0.35]


@pytest.mark.parametrize("ties", ["confidence", "first"])
def test_two_votes_beat_one_however_sure_it_is(ties: str) -> None:
    model = late("late_vote", 3, ties=ties)
    assert decided(model, SURE_OF_0, PREFERS_1, DOUBTS_1).argmax() == 1
    assert decided(late("late_average", 3), SURE_OF_0, PREFERS_1, DOUBTS_1).argmax() == 0


def test_weighted_votes_count_by_their_probability() -> None:
    """.9 against .6 + .45: two still win; .9 against .45 + .4 they do not."""
    model = late("late_vote", 3, votes="weighted")
    assert decided(model, SURE_OF_0, PREFERS_1, DOUBTS_1).argmax() == 1
    assert decided(model, SURE_OF_0, DOUBTS_1, [0.3, 0.4, 0.3]).argmax() == 0


def test_a_tie_goes_to_the_higher_mean_probability() -> None:
    """0 and 1 have a vote each; of the two the mean of class 1 is higher, although the surer expert named 0."""
    opinions = [0.60, 0.39, 0.01], [0.05, 0.50, 0.45]
    assert decided(late("late_vote"), *opinions).argmax() == 1
    assert decided(late("late_vote"), *opinions[::-1]).argmax() == 1  # the order has no say


def test_a_tie_is_never_won_by_a_class_that_nobody_named() -> None:
    """Class 2 has the highest mean of all, and no vote."""
    opinions = [0.52, 0.0001, 0.4799], [0.0001, 0.52, 0.4799]
    assert decided(late("late_average"), *opinions).argmax() == 2
    for ties in ("confidence", "first"):
        assert decided(late("late_vote", ties=ties), *opinions).argmax() != 2


def test_a_tie_goes_to_who_comes_first_where_asked() -> None:
    model = late("late_vote", ties="first")
    assert decided(model, [0.4, 0.35, 0.25], [0.01, 0.98, 0.01]).argmax() == 0
    assert decided(model, [0.01, 0.98, 0.01], [0.4, 0.35, 0.25]).argmax() == 1


def test_who_is_absent_has_no_vote() -> None:
    model = late("late_vote", 3, ties="first")
    assert decided(model, SURE_OF_0, PREFERS_1, DOUBTS_1, without=(0, 2)).argmax() == 1
    assert decided(model, SURE_OF_0, PREFERS_1, DOUBTS_1, without=(1, 2)).argmax() == 0


def test_two_weighted_votes_name_what_the_max_rule_names() -> None:
    """And three do not."""
    draw = torch.Generator().manual_seed(0)
    two, three = (torch.randn(n, 500, 4, generator=draw).log_softmax(2) for n in (2, 3))
    agrees = []
    for log_p in (two, three):
        here, count = torch.ones(log_p.shape[:2], dtype=torch.bool), len(log_p)
        vote, surest = late("late_vote", count, 4, votes="weighted"), late("late_max", count, 4)
        same = vote.combine(log_p, here).argmax(1) == surest.combine(log_p, here).argmax(1)
        agrees.append(float(same.double().mean()))
    assert agrees[0] > 0.98 and agrees[1] < 0.9  # a hair's breadth apart, ties' confidence has a say
