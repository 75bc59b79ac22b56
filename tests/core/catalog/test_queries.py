"""The catalogue is queried once for a run; after that its entries are passed on."""

from __future__ import annotations

from collections import Counter

import pytest

from core import catalog
from core.config import RunConfig
from core.runs import run_id
from core.train import train

SMALL = {"epochs": 1, "data.train_size": 128, "data.test_size": 64, "strategy": "auxiliary"}


@pytest.mark.parametrize("objective", [None, "classification", "classification+infonce"])
def test_once_per_kind_from_the_choice_to_the_last_step(objective: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    queried: Counter[str] = Counter()
    original = catalog.shelf
    monkeypatch.setattr(catalog, "shelf", lambda kind: (queried.update([kind]), original(kind))[1])
    config = RunConfig.make("interactions", "gated", objective, SMALL)
    assert run_id(config) and config.changed()
    list(train(config, look=False))
    assert queried == dict.fromkeys(("datasets", "fusions", "objectives", "strategies"), 1)
