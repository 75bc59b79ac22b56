"""What goes with what, rule by rule: each refusal has its key, and what lies just inside a rule is taken."""

from __future__ import annotations

from typing import Any

import pytest

from core import catalog
from core.catalog import compatibility
from core.errors import ConfigError

UNLABELLED = {"labels": False, "targets": [], "pairs": ""}


def dataset(name: str = "captions", **changes: Any) -> dict[str, Any]:
    return {**catalog.dataset(name), **changes}


def key(refusal: Any, *arguments: Any) -> str | None:
    try:
        refusal(*arguments)
    except ConfigError as error:
        return error.key
    return None


@pytest.mark.parametrize(
    ("facts", "fusion", "objective", "expected"),
    [
        ({}, "concat", "classification", None),
        (UNLABELLED, "concat", "classification", "no_labels"),
        ({"targets": ["class"]}, "concat", "regression", "no_target"),
        ({"pairs": ""}, "concat", "infonce", "no_pairs"),
        ({"pairs": ""}, "concat", "supcon", None),
        ({}, "late_average", "infonce", "not_joint"),
        ({}, "late_average", "regression", "not_predicted"),
        ({}, "late_joint", "regression", None),
        ({}, "concat", "classification+regression", "two_predictions"),
        ({}, "concat", "classification+infonce+supcon", None),
        ({}, "input_mlp", "infonce", "nothing_fused"),
        ({}, "input_mlp", "infonce+classification", None),
        ({}, "concat", "infonce", None),
    ],
)
def test_terms(facts: dict[str, Any], fusion: str, objective: str, expected: str | None) -> None:
    arguments = dataset(**facts), catalog.fusion(fusion), catalog.terms(objective)
    assert key(compatibility.check_terms, *arguments) == expected


def test_a_term_reads_what_the_fusion_gives() -> None:
    fusion, term = catalog.fusion("concat"), catalog.terms("infonce")[0]
    assert compatibility.fusion_problem(fusion, {**term, "reads": ["z", "h"]}) is None
    assert compatibility.fusion_problem(fusion, {**term, "reads": ["z", "reconstruction"]}) == "not_given"
    assert compatibility.fusion_problem(catalog.fusion("input_linear"), {**term, "reads": ["h"]}) == "not_given"


def test_counts_of_modalities() -> None:
    tensor = catalog.fusion("tensor")  # two to four
    found = [key(compatibility.check_count, dataset(), tensor, count) for count in (1, 2, 4, 5)]
    assert found == ["too_few_modalities", None, None, "too_many_modalities"]
    assert key(compatibility.check_count, dataset(), catalog.fusion("concat"), 50) is None


@pytest.mark.parametrize(
    ("strategy", "fusion", "objective", "expected"),
    [
        ("none", "only", "classification", None),
        ("ogm_ge", "concat", "classification", None),
        ("ogm_ge", "input_mlp", "classification", "strategy_stage"),
        ("modality_dropout", "input_mlp", "classification", None),
        ("auxiliary", "late_average", "classification", "strategy_stage"),
        ("pcgrad", "concat", "classification", "strategy_terms"),
        ("pcgrad", "concat", "classification+infonce", None),
        ("pcgrad", "concat", "infonce+supcon", None),
        ("auxiliary", "concat", "infonce", "strategy_target"),
        ("auxiliary", "concat", "infonce+regression", None),
        ("ogm_ge", "concat", "regression", "strategy_target"),
    ],
)
def test_strategies(strategy: str, fusion: str, objective: str, expected: str | None) -> None:
    arguments = catalog.shelf("strategies")[strategy], catalog.fusion(fusion), catalog.terms(objective)
    assert key(compatibility.check_strategy, *arguments) == expected


def test_a_strategy_of_joint_training_needs_a_joint_fusion() -> None:
    strategy, fusion = catalog.shelf("strategies")["auxiliary"], catalog.fusion("concat")
    assert compatibility.strategy_problem(strategy, {**fusion, "joint": False}) == "strategy_joint"
    assert compatibility.strategy_problem({**strategy, "joint": False}, {**fusion, "joint": False}) is None


@pytest.mark.parametrize(
    ("data", "fusion", "expected"),
    [
        ("av_digits", "concat", "classification+infonce"),
        ("av_digits", "late_average", "classification"),
        ("av_digits", "late_evidential", "evidential"),
        ("captions", "concat", "infonce"),
        ("captions", "input_mlp", "classification"),  # infonce alone would fuse nothing
        ("captions", "late_average", "classification"),
    ],
)
def test_the_default_objective_is_what_a_fusion_can_take_of_it(data: str, fusion: str, expected: str) -> None:
    assert compatibility.fitting_objective(catalog.dataset(data), catalog.fusion(fusion)) == expected


def test_a_menu_offers_each_term_alone_where_it_can_be_and_beside_the_first_that_predicts() -> None:
    data = catalog.dataset("interactions")
    contrastive = [t["name"] for t in catalog.catalog()["objectives"] if not t["target"]]
    predicting = ["classification", "evidential"]
    beside = [f"classification+{name}" for name in contrastive]
    assert compatibility.choices_for(data, catalog.fusion("concat")) == [*predicting, *contrastive, *beside]
    assert compatibility.choices_for(data, catalog.fusion("input_mlp")) == [*predicting, *beside]
    assert compatibility.choices_for(data, catalog.fusion("late_average")) == predicting
    assert compatibility.choices_for({**data, "labels": False}, catalog.fusion("concat")) == [
        name for name in contrastive if name != "supcon"
    ]


def test_pairs_of_the_table_stand_on_both_sides() -> None:
    table = compatibility.goes_with()
    for first, second in (("datasets", "fusions"), ("fusions", "objectives"), ("strategies", "fusions")):
        for name, others in table[first].items():
            for other, back in table[second].items():
                assert (other in others[second]) == (name in back[first])
    assert "infonce" not in table["fusions"]["late_average"]["objectives"]
    assert table["strategies"]["none"]["fusions"] == catalog.names("fusions")
