"""What a comparison's table.json holds, as types: made by a worker, read by the command line, the pages and the browser."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from core.compare.clock import Clock
from core.runs.types import Costs

Over = Literal["seeds", "seeds and samples"]  # what an interval is drawn over
Word = Literal["better", "worse", "cannot tell"]
Reason = Literal["few_seeds", "constant", "equal", "no_spread", "holm", "spread"]
Outcome = Literal["best", "several", "cannot tell", "one method", "no values"]


class Spread(TypedDict):
    """A method over its seeds."""

    n: int  # seeds
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    over: Over


class Pair(TypedDict):
    """Two methods on the seeds that both have; `verdict` is seen from a."""

    a: str
    b: str
    n: int
    samples: int  # of the test set, where the claim is over them too; else 0
    difference: float | None  # a - b
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    effect: float | None
    detectable: float | None
    over: Over
    verdict: Word
    reason: Reason | None  # why they cannot be told apart


class Verdict(TypedDict):
    """All methods against each other: what core/stats/verdict.py says of each entry."""

    higher_is_better: bool
    alpha: float
    power: float
    methods: dict[str, Spread]
    left_out: list[str]
    pairs: list[Pair]
    best: list[str]
    leader: str | None
    rivals: list[Pair]
    outcome: Outcome


class CurvePoint(TypedDict):
    """A metric at one validation, over the finished seeds that reached it."""

    epoch: float
    mean: float
    low: float  # of the seeds
    high: float


class MethodCurves(TypedDict):
    """Test loss and what is compared, over training."""

    loss: list[CurvePoint]
    score: list[CurvePoint]


class SeedProblem(TypedDict):
    """Why a seed of a method failed: the sentence, its key in the catalogue and what stands in it (core/errors.py)."""

    error: str | None
    values: dict[str, str] | None
    message: str | None
    seed: int


class MethodRow(Spread, Costs):
    """A method over its seeds, or a modality alone; only finished runs count. Seeds are text, as JSON has them."""

    name: str
    objective: str
    values: dict[str, float]  # by seed
    runs: dict[str, str]
    states: dict[str, str]
    seconds: float | None
    clock: Clock | None  # how these were counted (core/compare/clock.py)
    robustness: float | None  # core/compare/robust.py
    effective: float | None  # against the first late method
    parts: dict[str, float]  # part of the label -> mean accuracy, where the data know parts
    curves: MethodCurves
    problem: SeedProblem | None  # of the first seed that failed; the method keeps the others


class Population(TypedDict):
    """Of what intervals and verdict speak."""

    over: list[Over]
    new_data: bool
    text: str  # in English


class Bits(TypedDict):
    """What samples of the data hold of each part of the label."""

    bits: dict[str, float]  # in the way that the part's name says
    bits_rest: NotRequired[dict[str, float]]  # in other ways
    bits_of: NotRequired[Literal["test", "clean"]]  # such as the test data, or those without noise (older runs)


class ComparisonTable(Bits):
    """table.json: what is known of a comparison by now."""

    format: int
    id: str
    comparison: dict[str, Any]  # as core/compare/comparison.py reads it
    measure: str  # the metric that is compared
    methods: list[MethodRow]
    references: list[MethodRow]  # the single modalities
    lines: dict[str, float]  # baselines, by name
    verdict: Verdict
    population: Population
    done: int  # runs that are over
    runs: int
