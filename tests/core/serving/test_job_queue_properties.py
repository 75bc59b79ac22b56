"""Whatever people do, in whatever order, the queue keeps its promises: random walks by seed."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from core.errors import RunError
from core.serving.job_queue import JobQueue, Limits, QueuedRun

RUNS, PEOPLE = [f"run {number}" for number in range(8)], "abc"


@pytest.mark.parametrize("seed", range(40))
def test_runs_wait_or_train_once_in_their_order_and_for_somebody(seed: int) -> None:
    draw, queue = random.Random(seed), JobQueue(Limits(each=3, all=6))
    entered: list[str] = []  # what should wait, in order
    training: set[str] = set()
    for _ in range(200):
        event, run, owner = (
            draw.choice(("submit", "submit", "next", "stop", "end")),
            draw.choice(RUNS),
            draw.choice(PEOPLE),
        )
        if event == "submit" and run not in training:
            with suppress(RunError):
                queue.enter(QueuedRun(run), queue.claim([run], owner))
                entered += [] if run in entered else [run]
        elif event == "next":
            taken = [job.run for job in queue.take(workers=2)]
            assert taken == entered[:1], "first in, first out"
            training |= set(taken)
            entered = entered[1:]
        elif event == "stop":
            owners = queue.owners(run)
            last = queue.leave(run, owner)
            assert last == (not owners - {owner}), "the last who needs it stops it"
            entered = [other for other in entered if other != run or not last]
        elif event == "end" and run in training:
            queue.ended(run)
            training.discard(run)
        places = queue.places([], 2, lambda job: 1.0)
        assert list(places) == entered and [place.position for place in places.values()] == list(
            range(1, len(entered) + 1)
        )
        assert all(queue.owners(waiting) for waiting in entered), "nobody's run does not wait"
        assert not training & set(entered)
