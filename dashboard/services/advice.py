"""The advice before anything is trained: requested from a worker, and read when it is there."""

from __future__ import annotations

from typing import Any

from core.compare.advice import place, read, record_place
from core.config import RunConfig
from core.serving.messages import Task
from core.serving.tasks import advice_task
from dashboard.services import executor, runs_root

Answer = dict[str, Any]


def ask(config: RunConfig) -> None:
    """Have a worker ask what this config's data say; RunError where no worker can."""
    executor().ask(_question(config))


def asking(config: RunConfig) -> bool:
    """Whether the answer is on its way."""
    return executor().asking(_question(config))


def answer(config: RunConfig) -> Answer | None:
    """A worker's answer for these data, or its "problem"; None before anybody asked."""
    return read(place(runs_root(), config.dataset, config.data_settings))


def record() -> dict[str, Any] | None:
    """How the answers of before turned out: hits, misses, abstentions."""
    return read(record_place(runs_root()))


def accounts(found: Answer) -> list[tuple[str, dict[str, Any]]]:
    """What the data know of themselves: of complete samples, as the estimate, where that is another account than of all."""
    known = found.get("accounts", {})
    kinds = [kind for kind in ("complete", "train") if kind in known]
    return [(kind, known[kind]) for kind in kinds if kind == "train" or known[kind] != known["train"]]


def dearest(found: Answer | None) -> dict[str, Any] | None:
    """The estimate of the pair on which adding logits costs most."""
    estimates = [pair["estimate"] for pair in (found or {}).get("pairs", []) if pair["estimate"]]
    return max(estimates, key=lambda estimate: estimate["price"]) if estimates else None


def _question(config: RunConfig) -> Task:
    return advice_task(runs_root(), config.dataset, config.data_settings)
