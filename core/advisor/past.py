"""What became of earlier comparisons: on each data set that has been trained on, did an interaction method win?

Finished runs are grouped by their data. A group counts when it has additive methods (they cannot see what only the senses
together say) and others, judged by the same seeds: the best mean accuracy of each side is compared.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from statistics import fmean
from typing import Any

from core import catalog
from core.runs import Summary

POINT = 0.01
KEY = "test/accuracy"
Scores = dict[str, dict[int, float]]  # fusion -> seed -> accuracy


def outcomes(summaries: Iterable[Summary]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """(data set, its settings, whether an interaction method won by more than a point) of each group that can tell."""
    groups: dict[tuple[str, str], Scores] = defaultdict(lambda: defaultdict(dict))
    for item in summaries:
        if not item.problem and item.status.get("status") == "finished" and KEY in item.metrics:
            data = json.dumps(item.config["data_settings"], sort_keys=True)
            groups[item.config["dataset"], data][item.config["fusion"]][item.config["seed"]] = item.metrics[KEY]
    for (dataset, data), scores in groups.items():
        won = _won(scores)
        if won is not None:
            yield dataset, json.loads(data), won


def _won(scores: Scores) -> bool | None:
    """None where one side is absent or no seed is common to both."""
    entries = {entry["name"]: entry for entry in catalog.catalog()["fusions"]}
    known = {name: seeds for name, seeds in scores.items() if name in entries and entries[name]["stage"] != "single"}
    sides = [{n: s for n, s in known.items() if entries[n]["additive"] is additive} for additive in (True, False)]
    common = set.intersection(*(set(seeds) for side in sides for seeds in side.values())) if all(sides) else set()
    if not common:
        return None
    late, joint = (max(fmean(seeds[k] for k in common) for seeds in side.values()) for side in sides)
    return joint > late + POINT
