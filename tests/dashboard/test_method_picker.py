"""What the picker of methods offers, and what it takes from a browser."""

from __future__ import annotations

import pytest

from core import catalog
from core.catalog import compatibility
from dashboard.controls import method_picker
from dashboard.controls.method_picker import STAGES
from dashboard.texts import Markdown


def anything(name: str) -> None:
    """Refuses nothing."""


def answer(monkeypatch: pytest.MonkeyPatch, choice: object) -> None:
    monkeypatch.setattr(method_picker, "control", lambda *args, **options: choice)


def test_every_fusion_is_offered_once_in_the_order_of_the_stages() -> None:
    offered = method_picker.methods(anything)
    assert sorted(one["name"] for one in offered) == sorted(catalog.names("fusions"))
    stages = [one["stage"] for one in offered]
    assert stages == sorted(stages, key=STAGES.index) and set(stages) == set(STAGES)
    assert all(one["title"] and one["idea"] and not one["reason"] for one in offered)


def test_each_stage_has_a_few_common_ones_and_its_own_picture() -> None:
    common = [one for one in method_picker.methods(anything) if one["common"]]
    counts = {stage: sum(one["stage"] == stage for one in common) for stage in STAGES}
    assert all(1 <= count <= 7 for count in counts.values()), counts
    assert len({method_picker.picture(stage) for stage in STAGES}) == len(STAGES)


def test_a_fusion_that_the_data_cannot_have_carries_the_reason() -> None:
    data = catalog.dataset("captions")
    attempt = lambda name: compatibility.check_count(data, catalog.fusion(name), 1)  # noqa: E731
    reasons = {one["name"]: one["reason"] for one in method_picker.methods(attempt)}
    refused = {name for name in reasons if catalog.fusion(name)["fewest"] > 1}
    assert refused and {name for name, reason in reasons.items() if reason} == refused < set(reasons)


@pytest.mark.parametrize(
    "choice", [None, "gated", ["no such fusion"], [["gated"]], [3], {"gated": 1}, [], ["<b>"], 7, [None]]
)
def test_what_is_no_choice_of_ours_changes_nothing(choice: object, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, choice)
    assert method_picker.choose_one("fusion", Markdown("x"), "concat", anything) == "concat"


def test_a_click_chooses_one_or_several_each_once_and_no_more_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, ["gated", "sum", "gated", "nonsense", "tensor"])
    assert method_picker.choose_one("fusion", Markdown("x"), "concat", anything) == "gated"
    assert method_picker.choose_several("fusions", Markdown("x"), ["sum"], 2, anything) == ("gated", "sum")
    assert method_picker.choose_several("fusions", Markdown("x"), ["sum"], 6, anything) == ("gated", "sum", "tensor")
