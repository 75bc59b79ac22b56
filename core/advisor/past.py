"""Earlier outcomes: where methods were compared on the same data, did an interaction method win?

Finished runs are grouped by their data and by all that two methods must share to be comparable: budget, width, learning
rate, strategy. Runs with a permuted modality were trained on other data than their settings say and are left out.

    best      the additive method with the largest mean accuracy (on some scale a sum of each modality's own logits)
    margin    mean over shared seeds of (accuracy of another method - accuracy of best)
    won       the largest margin is more than a point

The advice is about a jointly trained sum of logits, so a group tells something only where one has been trained
(`catalog.sums_of_logits`): that an interaction method beats an average of probabilities does not say that the data ask for it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from statistics import fmean
from typing import Any

from core import catalog
from core.runs import Summary

POINT = 0.01
KEY = "test/accuracy"
_ALIKE = (
    *("dataset", "data_settings", "encoder_settings", "epochs", "seconds", "batch_size", "learning_rate"),
    *("weight_decay", "clip_norm", "width", "strategy", "strategy_settings", "new_data"),
)
_METHOD = ("fusion", "fusion_settings", "objective", "objective_settings")
Scores = dict[str, dict[int, float]]  # method -> seed -> accuracy


def outcomes(summaries: Iterable[Summary]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """(data set, its settings, whether an interaction method won by more than a point) of each group that can tell."""
    additive = {
        entry["name"]: entry["additive"] for entry in catalog.catalog()["fusions"] if entry["stage"] != "single"
    }
    spoken_of = set(catalog.sums_of_logits())
    groups: dict[str, dict[bool, Scores]] = defaultdict(lambda: {side: defaultdict(dict) for side in (True, False)})
    for item in summaries:
        config = item.config
        usable = not item.problem and item.status.get("status") == "finished" and KEY in item.metrics
        if usable and config["fusion"] in additive and config.get("permute", "none") == "none":
            side = groups[_key(config, _ALIKE)][additive[config["fusion"]]]
            side[_key(config, _METHOD)][config["seed"]] = item.metrics[KEY]
    for key, sides in groups.items():
        won = _won(sides[True], sides[False]) if spoken_of & {json.loads(method)[0] for method in sides[True]} else None
        if won is not None:
            dataset, data, *_ = json.loads(key)
            yield dataset, data, won


def _key(config: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return json.dumps([config.get(name) for name in names], sort_keys=True)


def _won(additive: Scores, others: Scores) -> bool | None:
    """None where one side is absent, or no seed is shared with the best additive method."""
    if not additive:
        return None
    best = max(additive.values(), key=lambda seeds: fmean(seeds.values()))
    margins = [
        fmean(seeds[k] - best[k] for k in seeds.keys() & best.keys())
        for seeds in others.values()
        if seeds.keys() & best
    ]
    return max(margins) > POINT if margins else None
