"""The advice: which family of fusion suits the data, and why.

For each pair of modalities: codes (`codes`), counts, information with a null (`estimate`). Then

    interaction      the price of adding logits is significant (Bonferroni over pairs) and costs a point or more of accuracy
    single:<name>    the other side adds nothing: its unique information and the synergy stay below what counts
    any              either side tells all there is, or nothing is told at all
    late             both sides add something and a jointly trained sum of their logits loses no point (`late_price`). Which
                     methods that is about, `catalog.sums_of_logits` says; late methods whose experts learn apart can lose

It abstains rather than guess:

    too_few_samples  fewer than `PER_CELL` samples a cell of the table (codes 1 x codes 2 x classes) with two codes each
    close_call       there is a price, and it is as likely as not to cost a point
    coarse_codes     no price was seen, but the codes explain too little of a modality to say that there is none
    wide_null        no price was seen, but one of `HIDDEN` bits could hide in the noise

With three modalities or more each pair is looked at, and the pair with the largest price speaks. Interactions that only
three show together are not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from core.advisor.codes import codes
from core.advisor.estimate import WORLDS, Estimate, estimate
from core.errors import MetricError

ALPHA = 0.05
WORTH = 0.02  # bits that a side must add to count
SURE = 0.7  # of costing a point, or of not costing one
PER_CELL = 2
MOST_CODES = 16
EXPLAINED = 0.5
HIDDEN = 0.1  # bits


@dataclass(frozen=True)
class Pair:
    """What one pair's table says. `estimate` is None where there are too few samples for a table."""

    first: str
    second: str
    samples: int
    codes: tuple[int, int]
    explained: tuple[float, float]
    estimate: Estimate | None


@dataclass(frozen=True)
class Advice:
    """family: "interaction", "late", "any", "single:<name>", or None where it abstains; reason: a key and its values."""

    family: str | None
    reason: str
    values: dict[str, Any]
    pairs: tuple[Pair, ...]

    @property
    def abstains(self) -> bool:
        """Whether no family is recommended."""
        return self.family is None

    @property
    def speaks(self) -> Pair:
        """The pair with the largest price."""
        return max(self.pairs, key=lambda pair: pair.estimate.price if pair.estimate else -np.inf)

    def data(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "abstains": self.abstains}


def advise(features: Mapping[str, np.ndarray], labels: np.ndarray, seed: int = 0) -> Advice:
    """features: modality -> (N, ...) numbers, two or more; labels (N,) whole numbers. Same seed, same advice.

    Rows where a modality is not finite count as absent and are left out of its pairs. Raises MetricError for fewer than two
    modalities, fewer than two classes, or lengths that differ.
    """
    _check(features, labels)
    couples = list(combinations(features, 2))
    worlds = max(WORLDS, int(2 * len(couples) / ALPHA))  # enough for a p value below the corrected alpha
    pairs = tuple(_look(features, couple, labels, seed, worlds) for couple in couples)
    verdicts = {(pair.first, pair.second): _judge(pair, ALPHA / len(pairs)) for pair in pairs}
    return Advice(*_together(pairs, verdicts), pairs)


Judgement = tuple[str | None, str, dict[str, Any]]


def _look(
    features: Mapping[str, np.ndarray], couple: tuple[str, str], labels: np.ndarray, seed: int, worlds: int
) -> Pair:
    a, b = couple
    rng = np.random.default_rng(seed)
    x, y = (np.asarray(features[name], float).reshape(len(labels), -1) for name in (a, b))
    finite = np.isfinite(x).all(1) & np.isfinite(y).all(1)
    classes, label = np.unique(np.asarray(labels)[finite], return_inverse=True)
    most = min(MOST_CODES, int((len(label) / (PER_CELL * max(len(classes), 1))) ** 0.5))
    if most < 2:
        return Pair(a, b, len(label), (0, 0), (0.0, 0.0), None)
    first, second = codes(x[finite], most, rng), codes(y[finite], most, rng)
    shape = first.count, second.count, len(classes)
    cell = np.ravel_multi_index((first.code, second.code, label), shape)
    counts = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape)
    found = estimate(counts, rng, worlds)
    return Pair(a, b, len(label), shape[:2], (first.explained, second.explained), found)


def _judge(pair: Pair, alpha: float) -> Judgement:
    """Family, reason and values of one pair."""
    found, sides = pair.estimate, {"first": pair.first, "second": pair.second}
    if found is None:
        return None, "too_few_samples", {**sides, "samples": pair.samples, "per_cell": PER_CELL}
    priced = found.p_value <= alpha
    if priced and found.stakes.chance > 1 - SURE:
        figures = {"bits": found.price, "points": 100 * found.stakes.points, "chance": found.stakes.chance}
        sure = found.stakes.chance >= SURE
        return ("interaction", "late_loses", sides | figures) if sure else (None, "close_call", sides | figures)
    if min(pair.explained) < EXPLAINED:
        coarse = pair.first if pair.explained[0] < pair.explained[1] else pair.second
        return None, "coarse_codes", {"modality": coarse, "explained": min(pair.explained)}
    if found.null[1] > HIDDEN:
        return None, "wide_null", {**sides, "bits": found.null[1], "samples": pair.samples}
    first_adds = _adds(found.unique1, found.synergy, found.spread[1])
    second_adds = _adds(found.unique2, found.synergy, found.spread[2])
    if first_adds and second_adds:
        return "late", "both_add", {**sides, "first_bits": found.unique1, "second_bits": found.unique2}
    if first_adds or second_adds:
        name, other = (pair.first, pair.second) if first_adds else (pair.second, pair.first)
        return f"single:{name}", "one_suffices", {"name": name, "other": other}
    redundant = found.redundancy >= WORTH
    return "any", "either_suffices" if redundant else "nothing_told", {**sides, "bits": found.redundancy}


def _adds(unique: float, synergy: float, spread: float) -> bool:
    """Whether a side tells what the other does not: more than WORTH, and more than twice what chance makes."""
    return unique + synergy > max(WORTH, 2 * spread)


def _together(pairs: tuple[Pair, ...], verdicts: Mapping[tuple[str, str], Judgement]) -> Judgement:
    """One advice of all pairs: an interaction outweighs doubt, doubt outweighs a claim that nothing is lost."""
    dearest = sorted(pairs, key=lambda pair: pair.estimate.price if pair.estimate else -np.inf, reverse=True)
    ordered = [verdicts[pair.first, pair.second] for pair in dearest]
    for wanted in ("interaction", None):
        for judgement in ordered:
            if judgement[0] == wanted:
                return judgement
    for judgement in ordered:
        alone = [v[0] for names, v in verdicts.items() if judgement[2].get("name") in names]
        if alone and set(alone) == {judgement[0]}:
            return judgement
    families = {judgement[0] for judgement in ordered}
    if len(families) == 1:
        return ordered[0]
    late = [judgement for judgement in ordered if judgement[0] == "late"]
    return late[0] if late else ("late", "pairs_differ", {"count": len(pairs)})


def _check(features: Mapping[str, np.ndarray], labels: np.ndarray) -> None:
    if len(features) < 2:
        raise _wrong("features", "two modalities or more", len(features))
    for name, x in features.items():
        if len(x) != len(labels):
            raise _wrong(name, f"{len(labels)} samples as there are labels", len(x))
    if len(np.unique(labels)) < 2:
        raise _wrong("labels", "two classes or more", len(np.unique(labels)))


def _wrong(name: str, expected: str, actual: int) -> MetricError:
    return MetricError("metric_values", metric="the advisor", name=name, expected=expected, actual=actual)
