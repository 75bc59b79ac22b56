"""The verdict on a comparison: over seeds and test samples where the runs kept their scores, and to what it generalises."""

from __future__ import annotations

from collections.abc import Mapping

from core.compare.ranges import bounds
from core.compare.types import Pair, Population, Spread, Verdict
from core.runs.prediction_file import Kept
from core.stats import Scores, population_en, verdict

KeptBySeed = Mapping[str, Mapping[int, Kept | None]]  # method -> seed -> the scores of its test samples


def scores_of(kept: KeptBySeed) -> Scores:
    """The scores of all runs, those on the most frequent test set: two runs are compared sample by sample only on the same one."""
    found = [one for by_seed in kept.values() for one in by_seed.values() if one is not None]
    tests = [one.test for one in found]
    if not tests:
        return Scores()
    test = max(set(tests), key=tests.count)
    same = {
        name: {seed: one.scores for seed, one in by_seed.items() if one is not None and one.test == test}
        for name, by_seed in kept.items()
    }
    return Scores(same, share=all(one.share for one in found))


def judged(values: Mapping[str, Mapping[int, float | None]], kept: KeptBySeed, metric: str) -> Verdict:
    """`core.stats.verdict` on a metric; values: method -> seed -> value."""
    return verdict(values, scores=scores_of(kept), bounds=bounds(metric))


def population(found: Verdict, new_data: bool) -> Population:
    """What a verdict speaks of."""
    rows: list[Pair | Spread] = [*found["pairs"], *found["methods"].values()]
    over = sorted({row["over"] for row in rows if row["n"] > 1})
    return Population(over=over, new_data=new_data, text=population_en(over, new_data))
