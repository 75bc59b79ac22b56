"""What a method shows of its inside is said in both languages: its name, and every entry of its axes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core import catalog
from core.catalog import compatibility
from core.config import RunConfig
from core.training.batches import whole
from core.training.evaluation import forward
from core.training.state import TrainState

TEXTS = Path(__file__).resolve().parents[3] / "assets" / "texts"


@pytest.mark.parametrize("dataset", catalog.names("datasets"))
@pytest.mark.parametrize("fusion", catalog.names("fusions"))
def test_every_look_has_words(fusion: str, dataset: str) -> None:
    entry = catalog.dataset(dataset)
    if not compatibility.objectives_for(entry, catalog.fusion(fusion)):
        pytest.skip("this data set has no objective for this fusion")
    state = TrainState.build(RunConfig.make(dataset, fusion, settings={"width": 16}))
    batch = whole(state.task.test)
    known = json.loads((TEXTS / "en.json").read_text(encoding="utf-8"))
    known_words = {modality["name"] for modality in entry["modalities"] if modality["title"].keys() >= {"en", "zh"}}
    known_words |= {key.removeprefix("live.diagram.word.") for key in known if key.startswith("live.diagram.word.")}
    known_words |= set(state.task.classes)
    for name, diagnostic in state.model.diagnostics(forward(state, batch), batch.present).items():
        kind, *whose = re.split("[ /]", name)
        assert f"live.diagram.diagnostic.{kind}" in known, name
        entries = [*whose, *(label for axis in diagnostic.axes for label in axis)]
        unknown = {re.sub(r"^\d+ | \d+$", "", label) for label in entries if not label.isdecimal()} - known_words
        assert not unknown, f"{name} shows {unknown}: no live.diagram.word.<word> in the texts"


def test_the_parts_of_the_information_have_words() -> None:
    from core.data.loading import load_task

    known = json.loads((TEXTS / "en.json").read_text(encoding="utf-8"))
    for dataset in catalog.names("datasets"):
        data = {p.name: p.default for p in catalog.parameters(catalog.dataset(dataset))}
        for part in load_task(dataset, data).information or {}:
            assert f"live.information.{part}" in known, part
