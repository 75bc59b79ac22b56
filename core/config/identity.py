"""The name of a run: a digest of everything that determines its curve."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import core
from core import catalog
from core.config import RunConfig
from core.config.device import resolve


def run_id(config: RunConfig) -> str:
    """12 hex digits of everything that decides the curve: config, data content, seed, methods, engine, device kind, threads."""
    return _digest(_identity(config))


def group_id(config: RunConfig) -> str:
    """The same without the seed: the runs that one band is drawn of."""
    return _digest({**_identity(config), "seed": None})


def _identity(config: RunConfig) -> dict[str, Any]:
    return {
        **config.to_json(),
        "device": resolve(config.device),
        "content": config.choice.dataset["content"],
        "engine": core.__version__,
        **_revised(config),
        **_foreign(config),
    }


def _revised(config: RunConfig) -> dict[str, Any]:
    """Methods that train otherwise than when they were new: their runs of before keep their names, and are not these."""
    entries = [config.choice.fusion, *config.choice.terms]
    revised = {entry["name"]: entry["revision"] for entry in entries if entry["revision"] != 1}
    return {"revisions": revised} if revised else {}


def _foreign(config: RunConfig) -> dict[str, Any]:
    """Methods of installed packages, with the versions: another version may train another curve."""
    parts = [*config.choice.terms, config.choice.strategy]
    rules = [catalog.update_rule(part["update_rule"]) for part in parts if part["update_rule"]]
    samplers = [catalog.sampler(part["sampler"]) for part in parts if part["sampler"]]
    entries = [config.choice.fusion, *parts, *rules, *samplers]
    packages = {entry["name"]: entry["source"] for entry in entries if "source" in entry}
    return {"packages": packages} if packages else {}


def _digest(identity: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]
