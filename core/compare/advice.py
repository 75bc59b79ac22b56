"""Where the advisor's answers are stored, and the sentences for them. Torch-free: a worker writes them, pages read.

<runs>/comparisons/advice/<data>.json     what these data say, made once; or the "problem" that kept it from being made
<runs>/comparisons/advice/record.json     how often it was right on what had been trained when it was last asked
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.compare.files import FOLDER, data_digest
from core.errors import RunError
from core.runs import store

VERSION = 2  # another advisor gives other answers
PARTS = ("redundancy", "unique1", "unique2", "synergy")  # of an estimate, in the order of a data set's exact bits
SENTENCES = {
    "late_loses": "A jointly trained sum of logits ({methods}) loses about {points:.1f} points of accuracy ({bits:.2f} bits): let {first} and {second} interact.",
    "both_add": "Both {first} and {second} add something, and a jointly trained sum of their logits loses no point: {methods} will do. Of late methods whose experts learn apart this says nothing: they can lose.",
    "one_suffices": "{name} tells all that {other} tells: it will do alone.",
    "either_suffices": "{first} and {second} tell the same ({bits:.2f} bits): either will do alone.",
    "nothing_told": "Neither {first} nor {second} tells anything that a table of codes shows: it cannot tell methods apart.",
    "pairs_differ": "The {count} pairs ask for different things, none of them for an interaction: a jointly trained sum of logits ({methods}) will do. What only three together show is not seen.",
    "too_few_samples": "It abstains: {samples} samples are too few for a table ({per_cell} a cell are needed).",
    "close_call": "It abstains: a jointly trained sum of logits has a price ({bits:.2f} bits), and whether that costs a point is a toss-up.",
    "coarse_codes": "It abstains: its codes explain only {explained:.0%} of {modality}, and an interaction could hide in the rest.",
    "wide_null": "It abstains: a price of {bits:.2f} bits could hide in the noise of {samples} samples.",
}


def place(root: Path, dataset: str, data: Mapping[str, Any]) -> Path:
    """The file of what these data say, whether it is there or not."""
    return root / FOLDER / "advice" / f"{data_digest(dataset, data, VERSION)}.json"


def record_place(root: Path) -> Path:
    """The file of the advisor's track record, whether it is there or not."""
    return root / FOLDER / "advice" / "record.json"


def read(path: Path) -> dict[str, Any] | None:
    """An answer or a record; None where there is none that can be read."""
    try:
        return store.read_table(path)
    except RunError:
        return None
