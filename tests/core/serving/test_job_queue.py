"""Order, places, owners and limits of the queue, without a process or a folder."""

from __future__ import annotations

import random

import pytest

from core.errors import RunError
from core.serving.job_queue import JobQueue, Limits, Place, QueuedRun


def ask(queue: JobQueue, owner: str, *runs: str, unlimited: bool = False, group: str | None = None) -> None:
    request = queue.claim(runs, owner, unlimited)
    for run in runs:
        queue.enter(QueuedRun(run, ("kind",), epochs=10, group=group), request)


def line(queue: JobQueue) -> list[str]:
    places = queue.places([], 1, lambda job: None)
    assert [place.position for place in places.values()] == list(range(1, len(places) + 1))
    return list(places)


def taken(queue: JobQueue, workers: int = 1) -> list[str]:
    return [job.run for job in queue.take(workers)]


def test_first_come_first_served() -> None:
    queue = JobQueue()
    ask(queue, "a", "1", "2")
    ask(queue, "b", "3")
    ask(queue, "b", "2")
    assert line(queue) == ["1", "2", "3"] and queue.owners("2") == {"a", "b"}
    assert taken(queue) == ["1"] and line(queue) == ["2", "3"]
    assert queue.leave("2", "a") is False, "somebody else still needs it"
    assert queue.leave("2", "b") is True and line(queue) == ["3"]


def test_a_time_is_known_as_long_as_those_of_all_before_are() -> None:
    queue = JobQueue()
    ask(queue, "a", "1", "2", "3")
    times = {"1": 10.0, "2": None, "3": 5.0}
    places = queue.places([4.0, 6.0], 2, lambda job: times[job.run])
    assert places == {"1": Place(1, 5.0), "2": Place(2, 10.0), "3": Place(3, None)}
    assert queue.places([None], 2, lambda job: 1.0)["1"] == Place(1, None)


def test_seeds_that_gain_are_taken_together_and_nobody_is_passed_over() -> None:
    queue = JobQueue()
    queue.gaining.add("g")
    ask(queue, "a", "1", "2", group="g")
    ask(queue, "a", "x", group="other")
    ask(queue, "a", "3", group="g")
    ask(queue, "b", "y", group="g")
    ask(queue, "a", "4", group="g")
    assert taken(queue) == ["1", "2", "3"], "another person's run stands before the next one"
    assert taken(queue) == ["x"] and taken(queue) == ["y"] and taken(queue) == ["4"]


def test_other_workers_keep_their_part() -> None:
    queue = JobQueue()
    queue.gaining.add("g")
    ask(queue, "a", *"12345", group="g")
    assert taken(queue, workers=2) == ["1", "2", "3"] and taken(queue, workers=2) == ["4"]


def test_nobody_overtakes_one_whose_folder_is_being_made() -> None:
    queue = JobQueue()
    request = queue.claim(["1", "2"], "a")
    for run in ("1", "2"):
        queue.expect(QueuedRun(run, opened=False), request)
    ask(queue, "b", "3")
    assert queue.unopened("1") and taken(queue) == [] and line(queue) == ["1", "2", "3"]
    queue.enter(QueuedRun("1", group="g"), request)
    assert taken(queue) == ["1"] and taken(queue) == []
    queue.finish("2", request)
    assert taken(queue) == ["3"], "what turned out to be finished keeps nobody waiting"


def test_a_person_may_have_so_many_requests_and_all_together_so_many() -> None:
    queue = JobQueue(Limits(each=2, all=4))
    ask(queue, "a", "1")
    ask(queue, "a", *(f"c{i}" for i in range(80)))
    with pytest.raises(RunError) as refused:
        ask(queue, "a", "2")
    assert refused.value.key == "too_many_requests" and "stop one" in str(refused.value)
    ask(queue, "a", "1")
    ask(queue, "a", "c7")
    ask(queue, "b", "3")
    ask(queue, "b", "4")
    with pytest.raises(RunError) as full:
        ask(queue, "c", "5")
    assert full.value.key == "queue_full"
    ask(queue, "the teacher", "6", unlimited=True)
    assert "6" in line(queue) and "5" not in line(queue) and "2" not in line(queue)


def test_a_request_counts_until_its_last_run_begins_or_is_stopped() -> None:
    queue = JobQueue(Limits(each=1, all=30))
    ask(queue, "a", "1", "2")
    assert taken(queue) == ["1"]
    with pytest.raises(RunError):
        ask(queue, "a", "3")
    assert taken(queue) == ["2"]
    ask(queue, "a", "3")
    queue.leave("3", "a")
    ask(queue, "a", "4", "5")
    queue.leave("4", "a")
    with pytest.raises(RunError):
        ask(queue, "a", "6")
    queue.leave("5", "a")
    ask(queue, "a", "6")


def test_a_request_that_came_to_nothing_is_free_again() -> None:
    queue = JobQueue(Limits(each=1, all=1))
    queue.abandon(queue.claim(["1"], "a"))
    queue.finish("2", queue.claim(["2"], "a"))
    queue.join("3", queue.claim(["3"], "a"))  # another process trains it
    ask(queue, "a", "4")
    assert line(queue) == ["4"] and queue.owners("3") == {"a"}


def test_a_class_that_asks_for_one_run_is_no_burden_and_nobody_hides_behind_another() -> None:
    queue = JobQueue(Limits(each=3, all=2))
    ask(queue, "teacher", "1")
    for pupil in range(130):
        ask(queue, f"pupil {pupil}", "1")
    ask(queue, "a", "2")
    with pytest.raises(RunError):
        ask(queue, "b", "3")
    ask(queue, "b", "2")
    queue.leave("2", "a")  # now it is b's alone
    with pytest.raises(RunError):
        ask(queue, "a", "3")


def test_whatever_happens_the_queue_stays_true() -> None:
    """Random histories against a plain model: a list of runs, each with its owners."""
    for seed in range(60):
        dice = random.Random(seed)
        queue, model, training = JobQueue(Limits(3, 8)), {}, {}
        requests: dict[str, list[set[str]]] = {}
        order: list[set[str]] = []  # all requests' runs that wait, the oldest first
        for _ in range(120):
            owner, runs = dice.choice("abcd"), dice.sample("123456789", dice.randint(1, 3))
            match dice.randrange(4):
                case 0 | 1:
                    mine = [left for left in requests.setdefault(owner, []) if left]
                    new = not any(set(runs) <= left for left in mine)
                    runs = [run for run in runs if run not in training]
                    if not runs:
                        continue
                    new = not any(set(runs) <= left for left in mine)
                    waits = set().union(*order)
                    alone = [left for i, left in enumerate(order) if left - set().union(*order[:i])]
                    if new and (len(mine) >= 3 or (len(alone) >= 8 and set(runs) - waits)):
                        with pytest.raises(RunError):
                            ask(queue, owner, *runs)
                    else:
                        ask(queue, owner, *runs)
                        order += [set(runs)] if new else []
                        requests[owner] += [order[-1]] if new else []
                        for run in runs:
                            model.setdefault(run, set()).add(owner)
                case 2:
                    run = dice.choice("123456789")
                    for left in requests.get(owner, []):
                        left.discard(run)
                    owners = model.get(run, training.get(run, set()))
                    owners.discard(owner)
                    assert queue.leave(run, owner) is (not owners)
                    if not owners:
                        model.pop(run, None)
                case 3:
                    first = next(iter(model), None)
                    assert taken(queue) == ([first] if first else [])
                    if first:
                        training[first] = model.pop(first)
                        for own in requests.values():
                            for left in own:
                                left.discard(first)
                    if training and dice.random() < 0.7:
                        over = dice.choice(list(training))
                        del training[over]
                        assert queue.ended(over)
            assert line(queue) == list(model)
            assert all(queue.owners(run) == owners for run, owners in {**model, **training}.items())
