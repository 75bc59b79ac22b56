"""By what a run is named: everything that decides its curve."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import core
from core import catalog
from core.config import RunConfig
from core.device import resolve


def run_id(config: RunConfig) -> str:
    """12 hex digits of everything that decides the curve: config, data content, seed, engine, device kind, threads."""
    return _digest(_identity(config))


def group_id(config: RunConfig) -> str:
    """The same without the seed: the runs that one band is drawn of."""
    return _digest({**_identity(config), "seed": None})


def _identity(config: RunConfig) -> dict[str, Any]:
    content = catalog.dataset(config.dataset)["content"]
    return {
        **config.to_json(),
        "device": resolve(config.device),
        "content": content,
        "engine": core.__version__,
    }


def _digest(identity: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]
