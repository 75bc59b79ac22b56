"""Links from metadata: what a field says of itself is all that reading and writing know."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from core.errors import ConfigError
from dashboard import pages
from dashboard.state.experiment import Experiment
from dashboard.state.fields import choice, link_fields, mapping, name, names, switch
from dashboard.state.link import OWN, from_link, to_link


def even(text: str) -> None:
    if len(text) % 2:
        raise ConfigError("unknown_setting", name=text, choices="ab, cd")


@dataclass(frozen=True)
class Toy:
    size: int = choice(3, (3, 5), sentence="link.seeds")
    loud: bool = switch()
    word: str = name("ab", even)
    words: tuple[str, ...] = names(("ab", "cd"), even, most=3)
    rest: dict[str, str] = mapping("rest.")  # noqa: RUF009
    unlinked: int = 0


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.texts.language", lambda: "en")


def test_a_state_and_its_link_are_the_same() -> None:
    toy = Toy(5, True, "wxyz", ("ef",), {"b": "2", "a": "1"})
    link = to_link({Toy: toy}, "zh")
    assert link == {
        "size": "5", "loud": "1", "word": "wxyz", "words": "ef", "rest.a": "1", "rest.b": "2", "v": "1", "lang": "zh",
    }  # fmt: skip
    assert from_link(link, [Toy]) == ({Toy: toy}, [])


def test_each_bad_value_gets_a_sentence_and_the_rest_is_kept() -> None:
    query = {"size": "4", "loud": "yes", "word": "odd", "words": "ef,odd,gh,ef", "rest.a": "1", "color": "red"}
    states, notices = from_link(query, [Toy])
    assert states[Toy] == Toy(words=("ef", "gh"), rest={"a": "1"})
    assert len(notices) == 5
    for notice, part in zip(notices, ("seeds is 4", "loud is yes", "odd", "odd", "color"), strict=True):
        assert part in notice


def test_empty_texts() -> None:
    states, notices = from_link({"word": "", "words": ""}, [Toy])
    assert states[Toy] == Toy(words=()) and not notices


def test_more_names_than_fit_are_left_out() -> None:
    states, notices = from_link({"words": "aa,bb,cc,dd"}, [Toy])
    assert states[Toy].words == ("aa", "bb", "cc") and not notices


def test_no_two_pages_share_a_name_in_the_address() -> None:
    found = Counter(
        spec.prefix or field for kind in pages.kinds() for field, (spec, _) in link_fields(kind).items()
    ) + Counter(OWN)
    assert max(found.values()) == 1


def test_settings_that_do_not_fit_together_are_left_out_one_by_one() -> None:
    query = {"fusion": "tensor", "set.fusion.rank": "5", "set.epochs": "many", "set.nothing": "1"}
    states, notices = from_link(query, [Experiment])
    assert states[Experiment] == Experiment(fusion="tensor", settings={"fusion.rank": 5}) and len(notices) == 2


def test_an_objective_that_does_not_fit_is_let_go() -> None:
    states, notices = from_link({"fusion": "late_vote", "objective": "infonce"}, [Experiment])
    assert states[Experiment] == Experiment(fusion="late_vote") and len(notices) == 1
