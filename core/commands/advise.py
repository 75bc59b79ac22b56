"""What the data themselves say of fusion, before anything is trained."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.commands.train import assignment
from core.config import RunConfig
from core.runs import Runs

HELP = "which family of fusion the data ask for, from the data alone, and how often that was right so far"
SENTENCES = {
    "late_loses": "A sum of experts loses about {points:.1f} points of accuracy ({bits:.2f} bits): let {first} and {second} interact.",
    "both_add": "Both {first} and {second} add something and a sum of experts loses no point: late fusion will do.",
    "one_suffices": "{name} tells all that {other} tells: it will do alone.",
    "either_suffices": "{first} and {second} tell the same ({bits:.2f} bits): any method will do.",
    "nothing_told": "Neither {first} nor {second} tells anything that a table of codes shows.",
    "pairs_differ": "The {count} pairs ask for different things, none of them for an interaction: late fusion will do.",
    "too_few_samples": "It abstains: {samples} samples are too few for a table ({per_cell} a cell are needed).",
    "close_call": "It abstains: late fusion has a price ({bits:.2f} bits), and whether that costs a point is a toss-up.",
    "coarse_codes": "It abstains: its codes explain only {explained:.0%} of {modality}.",
    "wide_null": "It abstains: a price of {bits:.2f} bits could hide in the noise of {samples} samples.",
}


def arguments(parser: argparse.ArgumentParser, default_runs: Path) -> None:
    parser.add_argument("--dataset", required=True, metavar="D")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a knob of the data: data.seed=3"
    )
    parser.add_argument(
        "--runs", type=Path, default=default_runs, metavar="DIR", help="the runs folder, for the track record"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def execute(options: argparse.Namespace) -> int:
    config = RunConfig.make(options.dataset, settings=dict(assignment(text) for text in options.set))
    found = advice(config.dataset, dict(config.data_settings))
    found["record"] = record(Runs(options.runs))
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _tell(found)
    return 0


def advice(dataset: str, data: dict[str, Any]) -> dict[str, Any]:
    """The advice as plain data: family, reason, values, pairs."""
    from core.advisor import advise
    from core.advisor.data import readings
    from core.data.loading import load_task

    task = load_task(dataset, data)
    made = advise(*readings(task))
    pairs = [asdict(pair) for pair in made.pairs]
    exact = task.information or None
    return {"family": made.family, "reason": made.reason, "values": made.values, "pairs": pairs, "exact": exact}


def record(runs: Runs) -> dict[str, Any]:
    """How often the advice was right on what has been trained so far."""
    from core.advisor import track_record
    from core.advisor.past import outcomes

    past = [(advice(dataset, data)["family"], won) for dataset, data, won in outcomes(runs.summaries())]
    return asdict(track_record(past))


def _tell(found: dict[str, Any]) -> None:
    for pair in found["pairs"]:
        seen = pair["estimate"]
        if seen is None:
            continue
        parts = "  ".join(f"{name} {seen[name]:.3f}" for name in ("redundancy", "unique1", "unique2", "synergy"))
        low, high = seen["null"]
        print(f"{pair['first']} + {pair['second']}, bits: {parts}")
        print(f"price of late fusion: {seen['price']:.3f} bits (by chance {low:.3f} to {high:.3f})")
    if found["exact"]:
        print("exactly, by the data's own account: " + "  ".join(f"{n} {v:.3f}" for n, v in found["exact"].items()))
    print(SENTENCES[found["reason"]].format(**found["values"]))
    told = found["record"]
    print(
        f"so far it was right {told['hits']} times of {told['hits'] + told['misses']}, and abstained {told['abstentions']} times"
    )
