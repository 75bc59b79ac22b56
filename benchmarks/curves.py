"""Whether two commits train the same curves to the last bit: seventeen configs over all stages, two epochs each.

    python benchmarks/curves.py after.json --against before.json

writes every value as an exact hexadecimal float, and digests of each picture's embeddings and of each checkpoint; with
`--against` it says where two files differ first, and exits with 1. The code that is trained is that of the folder it is
called from, so the other commit's file is written by this same script:

    git worktree add ../before COMMIT && cd ../before && python .../benchmarks/curves.py before.json

Equal on one machine alone: another processor or torch rounds otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

import torch

from core import catalog
from core.config import RunConfig
from core.train import Step, train

Choice = tuple[str, str, str | None, dict[str, Any]]  # data set, fusion, objective, settings
BOTH = "classification+infonce"
CHOICES: tuple[Choice, ...] = (
    ("interactions", "only", None, {}),
    ("interactions", "input_mlp", None, {}),
    ("av_digits", "early_transformer", None, {}),
    ("av_digits", "concat", None, {}),
    ("av_digits", "tensor", BOTH, {}),
    ("interactions", "gated", None, {"strategy": "ogm_ge"}),
    ("captions", "cross_attention", None, {}),
    ("captions", "concat", "infonce", {}),
    ("av_digits", "late_average", None, {}),
    ("interactions", "late_stacking", None, {}),
    ("interactions", "concat", BOTH, {"strategy": "pcgrad", "objective.weight.infonce": 0.5}),
    ("av_digits", "late_evidential", None, {}),
    ("interactions", "modality_attention", None, {"strategy": "gradient_blending"}),
    ("captions", "film", "multi_label", {}),
    ("interactions", "late_joint", None, {}),
    ("av_digits", "sum", None, {"strategy": "auxiliary"}),
    ("av_digits", "bottleneck", None, {"strategy": "modality_dropout"}),
)
SHORT = {"epochs": 2, "seed": 3}
FEW = 512  # training samples, where a data set lets them be chosen
Curves = dict[str, list[dict[str, Any]]]


def curves() -> Curves:
    """Every record of every config, by its choice."""
    return {name_of(choice): [exact(step) for step in train(config_of(choice))] for choice in CHOICES}


def name_of(choice: Choice) -> str:
    """The choice as one line."""
    dataset, fusion, objective, settings = choice
    return f"{dataset} {fusion} {objective} {settings}"


def config_of(choice: Choice) -> RunConfig:
    """The short run of a choice."""
    dataset, fusion, objective, settings = choice
    settings = {**settings, **SHORT}
    if any(parameter["name"] == "train_size" for parameter in catalog.dataset(dataset)["parameters"]):
        settings["data.train_size"] = FEW
    return RunConfig.make(dataset, fusion, objective, settings)


def exact(step: Step) -> dict[str, Any]:
    """A record without anything that the clock decides."""
    return {
        "step": step.step,
        "epoch": step.epoch,
        "v": {name: float(value).hex() for name, value in sorted(step.values.items())},
        "frame": None if step.frame is None else digest([step.frame.z]),
        "state": None if step.state is None else digest(numbers(step.state())),
    }


def numbers(state: dict[str, torch.Tensor]) -> list[Any]:
    """A checkpoint's tensors but for its clocks, in an order that does not change when a layer is renamed."""
    return sorted(
        (tensor.numpy() for name, tensor in state.items() if "clock" not in name), key=lambda one: one.tobytes()
    )


def digest(arrays: list[Any]) -> str:
    """SHA-256 of the bytes of some arrays."""
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def differences(ours: Curves, theirs: Curves) -> list[str]:
    """A sentence for each config whose records differ: where first."""
    sentences = [f"{name}: only in one of them" for name in sorted(ours.keys() ^ theirs.keys())]
    for name in (name for name in ours if name in theirs):
        if len(ours[name]) != len(theirs[name]):
            sentences.append(f"{name}: {len(ours[name])} records against {len(theirs[name])}")
        pairs = zip(ours[name], theirs[name], strict=False)
        first = next(((a, b) for a, b in pairs if a != b), None)
        if first:
            sentences.append(f"{name}: step {first[0]['step']}, {', '.join(unequal(*first))}")
    return sentences


def unequal(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    """The names of what differs between two records."""
    values = [name for name in sorted(a["v"].keys() | b["v"].keys()) if a["v"].get(name) != b["v"].get(name)]
    return [*values, *(key for key in ("step", "epoch", "frame", "state") if a[key] != b[key])]


def main() -> int:
    """Write, compare, say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--against", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    made = curves()
    options.out.write_text(json.dumps(made), encoding="utf-8")
    if options.against is None:
        return 0
    sentences = differences(made, json.loads(options.against.read_text(encoding="utf-8")))
    print("\n".join(sentences) or f"{len(made)} configs: every record, picture and checkpoint bit-equal")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
