"""Asking the advisor about a data set by its name: an answer is made once and kept, the record is made anew each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core import catalog
from core.advisor.advise import advise
from core.advisor.data import readings
from core.advisor.past import outcomes
from core.advisor.track_record import track_record
from core.compare.advice import place, read, record_place
from core.data.loading import load_task
from core.errors import described
from core.runs import Runs, store


def answer(root: Path, dataset: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What these data say, as plain data: family, reason, values, pairs, `methods` that the price is about.

    Where the data know it, `exact` (bits of each part) and `price` of samples such as the training split's, and under
    `accounts` all of it ("own", "beyond", "prices", "price") of these ("train") and of those that lack no modality
    ("complete"), which are what the advisor counts.
    """
    path = place(root, dataset, data)
    kept = read(path)
    if kept is None or "problem" in kept:
        kept = _fresh(path, dataset, data)
    return kept


def record(runs: Runs) -> dict[str, Any]:
    """How often the advice was right on what has been trained so far; {"hits", "misses", "abstentions"}."""
    past = [(answer(runs.root, dataset, data)["family"], won) for dataset, data, won in outcomes(runs.summaries())]
    found = asdict(track_record(past))
    store.write_json(record_place(runs.root), found)
    return found


def _fresh(path: Path, dataset: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Ask, and keep the answer. What went wrong is written in its place, and raised."""
    try:
        task = load_task(dataset, dict(data))
        accounts = {name: task.exact[name].data() for name in ("train", "complete") if name in task.exact}
        known = {"exact": task.information or None, "price": task.price, "accounts": accounts}
        found = {**advise(*readings(task)).data(), "methods": catalog.sums_of_logits(), **known}
    except Exception as error:
        store.write_json(path, {"problem": described(error)})
        raise
    store.write_json(path, found)
    return found
