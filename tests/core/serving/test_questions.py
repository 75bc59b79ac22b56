"""Who waits for an answer of a model: the newest question of each visitor, one at a time."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from core.serving import questions
from core.serving.messages import Job
from core.serving.pool import ANSWERER
from core.serving.questions import ModelQuestion, Outcome, Questions


class Pool:
    """What `Questions` sees of a pool."""

    def __init__(self) -> None:
        self.there, self.sent, self.prepared = True, [], 0

    def prepare(self, place: str) -> None:
        assert place == ANSWERER
        self.prepared += 1

    def submit(self, place: str, job: Job) -> bool:
        if self.there:
            self.sent.append(job)
        return self.there


class World:
    """Questions by number, and what became of each."""

    def __init__(self) -> None:
        self.pool = Pool()
        self.questions = Questions(self.pool)  # type: ignore[arg-type]
        self.outcomes: dict[int, list[Outcome]] = {}

    def ask(self, number: int, visitor: str) -> None:
        self.outcomes[number] = []
        question = ModelQuestion("missing", {"number": number})
        self.questions.ask(Path("/runs/a"), question, visitor, self.outcomes[number].append)

    def answer(self) -> None:
        last: Any = self.pool.sent[-1]
        self.questions.answered({"type": "answer", "id": last["id"], "answer": {"of": last["values"]["number"]}})

    def became(self, number: int) -> str | None:
        (outcome,) = self.outcomes[number] or [None]
        return outcome and outcome["outcome"]

    @property
    def sent(self) -> list[int]:
        return [job["values"]["number"] for job in self.pool.sent]


def test_the_newest_question_of_a_visitor_replaces_the_older_one_in_its_place() -> None:
    world = World()
    for number, visitor in enumerate("aaba"):
        world.ask(number, visitor)
    assert world.sent == [0], "one at a time"
    assert [world.became(number) for number in range(4)] == [None, "replaced", None, None]
    for _ in range(3):
        world.answer()
    assert world.sent == [0, 3, 2], "the newer one stands where the older one stood"
    assert [world.became(number) for number in range(4)] == ["answered", "replaced", "answered", "answered"]
    assert world.outcomes[3][0]["answer"] == {"of": 3}


def test_a_full_line_says_so_and_those_in_it_may_still_ask_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for number in range(questions.MOST_WAITING + 2):
        world.ask(number, f"visitor {number}")
    assert world.became(questions.MOST_WAITING + 1) == "full"
    world.ask(1000, "visitor 1")
    assert world.became(1) == "replaced" and world.became(1000) is None


def test_who_waits_for_a_process_waits_and_its_end_fails_the_question_in_hand() -> None:
    world = World()
    world.pool.there = False
    world.ask(1, "a")
    world.ask(2, "b")
    assert world.pool.prepared == 2 and not world.sent
    world.pool.there = True
    world.questions.ready()
    assert world.sent == [1]
    world.questions.gone()
    assert world.became(1) == "failed" and world.outcomes[1][0]["problem"]["error"] == "answerer_ended"
    world.questions.answered({"type": "answer", "id": 1, "answer": {}})  # too late: nobody's
    world.questions.ready()
    world.answer()
    assert world.sent == [1, 2] and world.became(2) == "answered"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_each_question_has_one_outcome_and_none_is_lost(seed: int) -> None:
    draw, world, asked = random.Random(seed), World(), 0
    for _ in range(300):
        event = draw.choice(["ask", "ask", "answer", "gone", "ready"])
        if event == "ask":
            world.ask(asked, draw.choice("abcdef"))
            asked += 1
        elif event == "answer" and world.pool.sent:
            world.answer()
        elif event == "gone":
            world.questions.gone()
        elif event == "ready":
            world.questions.ready()
        assert all(len(outcomes) <= 1 for outcomes in world.outcomes.values())
    world.questions.ready()
    for _ in range(7):
        world.answer()
    assert all(len(outcomes) == 1 for outcomes in world.outcomes.values())
