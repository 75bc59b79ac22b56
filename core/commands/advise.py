"""What the data alone tell about fusion, before anything is trained."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.commands.train import assignment
from core.compare.advice import PARTS, SENTENCES
from core.config import RunConfig
from core.runs import Runs

SHOWN = 0.0005  # bits: less is printed as nothing
HELP = "which family of fusion the data ask for, from the data alone, and how often that was right so far"


def arguments(parser: argparse.ArgumentParser, default_runs: Path) -> None:
    """The options of this command."""
    parser.add_argument("--dataset", required=True, metavar="D")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the data: data.seed=3"
    )
    parser.add_argument(
        "--runs", type=Path, default=default_runs, metavar="DIR", help="the runs folder, for the track record"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def execute(options: argparse.Namespace) -> int:
    """Do it, print the outcome; the exit code: 0 done, 1 a run failed, 2 a choice that cannot be."""
    alike = {"batch_size": 1}  # nothing is trained, so no data are too few for a batch
    config = RunConfig.make(options.dataset, settings=alike | dict(assignment(text) for text in options.set))
    runs = Runs(options.runs)
    from core.advisor.ask import answer, record  # brings torch: only once the choice is known to be one

    found = answer(runs.root, config.dataset, config.data_settings)
    found = {**found, "record": record(runs)}
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _tell(found)
    return 0


def _tell(found: dict[str, Any]) -> None:
    for pair in found["pairs"]:
        if estimate := pair["estimate"]:
            parts = "  ".join(f"{name} {estimate[name]:.3f}" for name in PARTS)
            low, high = estimate["null"]
            print(f"{pair['first']} + {pair['second']}, bits where both are present: {parts}")
            print(f"price of adding logits: {estimate['price']:.3f} bits (by chance {low:.3f} to {high:.3f})")
    for line in _exactly(found["accounts"]):
        print(line)
    print(SENTENCES[found["reason"]].format(methods=", ".join(found["methods"]), **found["values"]))
    track_record = found["record"]
    answered = track_record["hits"] + track_record["misses"]
    print(
        f"so far it was right in {track_record['hits']} of {answered} cases, and abstained in {track_record['abstentions']}"
    )


def _exactly(accounts: Mapping[str, Any]) -> Iterator[str]:
    """Lines of what the data know of themselves, for the samples that were counted and, where some lack a modality, for all."""
    for kind, account in accounts.items():
        if kind == "complete" and account == accounts["train"]:
            continue
        whose = "training samples" if kind == "train" else "training samples that lack no modality, as counted above"
        yield f"exactly, {whose}, each part of the label: {_bits(account['own'])}  price {account['price']:.3f}"
        if sum(account["beyond"].values()) >= SHOWN:
            yield f"  and in parts of another name, by noise and absence: {_bits(account['beyond'])}"
        if sum(bits >= SHOWN for bits in account["prices"].values()) > 1:
            yield f"  of the price: {_bits(account['prices'])}"


def _bits(parts: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:.3f}" for name, value in parts.items())
