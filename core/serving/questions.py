"""Questions to models of finished runs, that wait for the answerer: one at a time, the newest of each visitor.

Whoever drags a slider asks again with every move. Only the newest question of a visitor waits, in the place of the one before,
which is answered "replaced"; so the line is as long as there are visitors, and MOST_WAITING at most.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict

from core.errors import Problem, RunError, described
from core.serving.messages import Answer, Question
from core.serving.pool import ANSWERER, WorkerPool

MOST_WAITING = 64  # visitors


@dataclass(frozen=True)
class ModelQuestion:
    """A line of `core/serving/answers` and its arguments, checked."""

    kind: str
    values: dict[str, Any]


class Outcome(TypedDict):
    """What became of a question. `answer` where it was answered, `problem` where it failed."""

    outcome: Literal["answered", "replaced", "full", "failed"]
    answer: dict[str, Any] | None
    problem: Problem | None


Reply = Callable[[Outcome], None]


@dataclass(eq=False)
class Waiting:
    """A question, and who gets the answer."""

    question: Question
    reply: Reply


class QuestionQueue:
    """The line alone: no threads, no processes, no clock. Not thread-safe."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self.most = most
        self._line: dict[str, Waiting] = {}  # by visitor

    def __len__(self) -> int:
        return len(self._line)

    def put(self, visitor: str, waiting: Waiting) -> Waiting | None:
        """To the end of the line, or in place of the visitor's older one, which comes back. OverflowError when the line is full."""
        older = self._line.get(visitor)
        if older is None and len(self._line) >= self.most:
            raise OverflowError
        self._line[visitor] = waiting
        return older

    def first(self) -> Waiting | None:
        """The visitor who waits longest; None when none does."""
        return next(iter(self._line.values()), None)

    def next(self) -> Waiting | None:
        """The same, out of the line."""
        return self._line.pop(next(iter(self._line))) if self._line else None


class Questions:
    """Thread-safe by a lock of its own, under which nothing waits; replies are given without it."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._queue = QuestionQueue()
        self._asked: Waiting | None = None  # what the answerer has in hand
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def ask(self, folder: Path, question: ModelQuestion, visitor: str, reply: Reply) -> None:
        """Put a question; `reply` is called once, from this or another thread."""
        message = Question(
            type="question",
            id=next(self._numbers),
            kind=question.kind,
            folder=str(folder),
            values=question.values,
        )
        self._pool.prepare(ANSWERER)
        with self._lock:
            try:
                older = self._queue.put(visitor, Waiting(message, reply))
            except OverflowError:
                older, full = None, True
            else:
                full = False
        if full:
            reply(_outcome("full", problem=described(RunError("questions_full"))))
        elif older is not None:
            older.reply(_outcome("replaced"))
        self._send_next()

    def ready(self) -> None:
        """The answerer takes questions."""
        self._send_next()

    def answered(self, message: Answer) -> None:
        """An answer came."""
        with self._lock:
            asked = self._asked
            if asked is None or asked.question["id"] != message["id"]:
                return
            self._asked = None
        if "error" in message:
            asked.reply(_outcome("failed", problem=message["error"]))
        else:
            asked.reply(_outcome("answered", message.get("answer")))
        self._send_next()

    def gone(self) -> None:
        """The answerer ended. What it had in hand fails, since it may be the reason; who waits waits for the next one."""
        with self._lock:
            asked, self._asked = self._asked, None
        if asked is not None:
            asked.reply(_outcome("failed", problem=described(RunError("answerer_ended"))))

    def _send_next(self) -> None:
        with self._lock:
            if (
                self._asked is None
                and (waiting := self._queue.first())
                and self._pool.submit(ANSWERER, waiting.question)
            ):
                self._asked = self._queue.next()


def _outcome(
    outcome: Literal["answered", "replaced", "full", "failed"],
    answer: dict[str, Any] | None = None,
    problem: Problem | None = None,
) -> Outcome:
    return Outcome(outcome=outcome, answer=answer, problem=problem)
