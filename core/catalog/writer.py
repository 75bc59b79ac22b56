"""Writes `catalog.json` from the classes. Whoever adds a method runs `python -m core catalog --write` once."""

from __future__ import annotations

import json
from typing import Any

import core
from core.balancing import STRATEGIES
from core.balancing.base import Strategy
from core.catalog import CATALOG_FILE, compatibility
from core.catalog.parameters import Parameter
from core.config import RUN_PARAMETERS
from core.data import DATASETS
from core.data.base import DataSet
from core.encoders import ENCODERS
from core.encoders.base import Encoder
from core.fusion import FUSIONS
from core.fusion.base import Fusion
from core.objectives import OBJECTIVES
from core.objectives.base import Objective
from core.targets import TARGETS
from core.targets.base import Target

Entry = dict[str, Any]
Method = type[Fusion] | type[Objective] | type[Strategy]


def build() -> Entry:
    """The catalogue as plain data, what goes with what included."""
    datasets = [_dataset(d) for d in DATASETS.values()]
    fusions = [_fusion(f) for f in FUSIONS.values()]
    objectives = [_objective(o) for o in OBJECTIVES.values()]
    for entry in datasets:
        entry["goes_with"] = {
            "fusions": [f["name"] for f in fusions if _joins(f, entry)],
            "objectives": [o["name"] for o in objectives if not compatibility.data_problem(entry, o)],
        }
    for entry in fusions:
        entry["goes_with"] = {
            "datasets": [d["name"] for d in datasets if _joins(entry, d)],
            "objectives": [o["name"] for o in objectives if not compatibility.fusion_problem(entry, o)],
        }
    for entry in objectives:
        entry["goes_with"] = {
            "datasets": [d["name"] for d in datasets if not compatibility.data_problem(d, entry)],
            "fusions": [f["name"] for f in fusions if not compatibility.fusion_problem(f, entry)],
        }
    strategies = [_strategy(s) for s in STRATEGIES.values()]
    for entry in strategies:
        entry["goes_with"] = {"fusions": [f["name"] for f in fusions if not compatibility.strategy_problem(entry, f)]}
    run = [parameter.to_json() for parameter in RUN_PARAMETERS]
    return {
        "engine": core.__version__,
        "datasets": datasets,
        "encoders": [_encoder(e) for e in ENCODERS],
        "fusions": fusions,
        "objectives": objectives,
        "strategies": strategies,
        "targets": [_target(t) for t in TARGETS.values()],
        "run": run,
    }


def text() -> str:
    """The file's text."""
    return json.dumps(build(), ensure_ascii=False, indent=1) + "\n"


def write() -> None:
    """Put it where `core.catalog` reads it."""
    CATALOG_FILE.write_text(text(), encoding="utf-8")


def _common(item: type[DataSet] | Method, parameters: tuple[Parameter, ...], stage: str, family: str) -> Entry:
    return {
        "name": item.name,
        "title": item.title,
        "idea": item.idea,
        "family": family,
        "stage": stage,
        "paper": item.paper,
        "formula": item.formula,
        "parameters": [parameter.to_json() for parameter in parameters],
    }


def _dataset(item: type[DataSet]) -> Entry:
    return {
        **_common(item, item.parameters, "data", item.family),
        "modalities": [{"name": s.name, "kind": s.kind, "when": s.when} for s in item.modalities],
        "pairs": item.pairs,
        "targets": list(item.targets),
        "labels": any(TARGETS[name].names_classes for name in item.targets),
        "default_encoders": dict(item.encoders),
        "train_samples": item.train_samples,
        "draws": item.draws,
        "default_objective": item.default_objective,
        "default_fusion": item.default_fusion,
        **{f"default_{name}": value for name, value in item.defaults.items()},
        "content": item.version,
    }


def _fusion(item: type[Fusion]) -> Entry:
    facts = {
        "fewest": item.fewest,
        "most": item.most,
        "joint": item.joint,
        "revision": item.revision,
        "additive": item.additive,
        "additive_scale": item.additive_scale,
        "predicts": None if item.predicts is None else list(item.predicts),
        "gives": list(item.gives),
        "prefers": dict(item.prefers),
    }
    return {**_common(item, item.hyperparameters, item.stage, item.family), **facts}


def _objective(item: type[Objective]) -> Entry:
    facts = {name: getattr(item, name) for name in ("needs_labels", "needs_pairs", "target", "joint")}
    return {
        **_common(item, item.hyperparameters, "objective", item.family),
        "revision": item.revision,
        **facts,
        "measure": TARGETS[item.target].metric if item.target else "",
        "reads": list(item.reads),
    }


def _strategy(item: type[Strategy]) -> Entry:
    facts = {
        "stages": list(item.stages),
        "joint": item.joint,
        "needs_target": item.needs_target,
        "targets": list(item.targets),
        "fewest_terms": item.fewest_terms,
    }
    return {**_common(item, item.hyperparameters, "strategy", "strategy"), **facts}


def _target(item: Target) -> Entry:
    return {"name": item.name, "metric": item.metric, "share": item.share, "view": item.view}


def _encoder(item: type[Encoder]) -> Entry:
    return {"kind": item.kind, "name": item.name, "title": item.title, "idea": item.idea, "paper": item.paper}


def _joins(fusion: Entry, dataset: Entry) -> bool:
    count = sum(1 for m in dataset["modalities"] if not m["when"])
    return fusion["fewest"] <= count and (fusion["most"] is None or count <= fusion["most"])
