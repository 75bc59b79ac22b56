"""Where jobs are done: a protocol. `LocalPool` (core/serving/local_pool.py) has processes of this machine; a cluster's pool
would have actors. Nobody else knows what stands behind a place.

A *place* is the name of a worker ("worker-1"), of the projector, or of the answerer, whichever process has it at the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from core.serving.messages import Job, Message

PROJECTOR, ANSWERER = "projector", "answerer"  # places beside the workers
OnMessage = Callable[[str, Message], None]  # place, what came from there


class WorkerPool(Protocol):
    """Thread-safe, and none of it waits: the dispatcher calls it under its lock."""

    count: int  # workers, when all live

    def start(self, on_message: OnMessage) -> None:
        """Begin; returns at once. Messages come in threads of the pool: `Ready` when a place takes jobs, `Ended` when it no
        longer does, in between what the jobs give."""

    def devices(self) -> dict[str, str]:
        """place -> device kind ("cpu", "cuda", ...) of each worker that takes jobs now."""

    def submit(self, place: str, job: Job) -> bool:
        """Hand this over; False where no worker has that place now."""

    def prepare(self, place: str) -> None:
        """Somebody will want this place soon: one that is filled only when it is wanted is filled now."""

    def stop(self, place: str, run: str) -> bool:
        """Ask the worker that trains this run to end it, with a checkpoint; False where no worker has that place."""

    def hurry(self) -> None:
        """A person waits: what rests after it failed too often is tried once more."""

    @property
    def broken(self) -> bool:
        """Whether worker after worker ended before it was ready."""

    def close(self) -> None:
        """Let all go; they end when they have finished what they do."""
