"""People's own data in the runs folder: a whole entry is listed, a broken one costs a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from core import catalog
from core.catalog import folders
from core.config import RunConfig
from core.data.loading import load_task

WHOLE = {
    "name": "clinic",
    "loader": "toy",
    "title": {"zh": "门诊"},
    "modalities": [{"name": "ecg", "kind": "features"}, {"name": "note", "kind": "features", "title": "Note"}],
    "train_samples": 200,
    "content": "1",
}


class Toy:
    """What a loader makes of an entry; issue 12 brings real ones."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self.folder = entry["folder"]

    def load(self, **parameters: Any) -> Any:
        from core.data.interactions import Interactions

        return Interactions.load(**dict(RunConfig.make("interactions").data_settings))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(folders.LOADERS, "toy", f"{__name__}:Toy")
    monkeypatch.setattr(catalog, "_root", tmp_path)
    yield tmp_path
    catalog.refresh()


def put(runs: Path, name: str, entry: Any) -> None:
    folder = runs / "data" / name
    folder.mkdir(parents=True)
    (folder / "entry.json").write_text(entry if isinstance(entry, str) else json.dumps(entry), encoding="utf-8")


def test_a_new_folder_is_noticed_and_its_data_are_loaded(runs: Path) -> None:
    assert "clinic" not in catalog.names("datasets")
    put(runs, "clinic", WHOLE)
    entry = catalog.dataset("clinic")
    assert catalog.text(entry) == "门诊" and catalog.modality_titles("clinic")["ecg"].in_("zh") == "ecg"
    assert RunConfig.make("clinic").dataset == "clinic" and not catalog.problems()
    assert torch.equal(load_task("clinic", {}).train.target, load_task(entry, {}).train.target)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("{", "Expecting"),
        ("[]", "no object"),
        ({**WHOLE, "name": "other"}, "its folder's clinic"),
        ({**WHOLE, "loader": "os:system"}, "no loader os:system"),
        ({**WHOLE, "modalities": []}, "no modalities"),
        ({**WHOLE, "modalities": [{"name": "ecg"}]}, "kind"),
        ({**WHOLE, "modalities": WHOLE["modalities"][:1] * 2}, "one name"),
        ({**WHOLE, "train_samples": "many"}, "train_samples"),
        ({**WHOLE, "parameters": [{"name": "x", "kind": "int", "default": 1, "nonsense": 2}]}, "nonsense"),
        ({name: value for name, value in WHOLE.items() if name != "content"}, "lacks content"),
    ],
)
def test_a_broken_one_is_a_sentence_and_the_rest_goes_on(runs: Path, entry: Any, reason: str) -> None:
    put(runs, "clinic", entry)
    (problem,) = catalog.problems()
    assert problem.key == "bad_entry" and reason in str(problem)
    assert catalog.names("datasets") == ["interactions", "av_digits", "captions"]


def test_no_code_and_no_address_comes_out_of_a_file(runs: Path) -> None:
    put(runs, "clinic", {**WHOLE, "class": "os:system", "paper": "javascript:alert(1)", "folder": "/"})
    entry = catalog.dataset("clinic")
    assert (
        entry["class"] == f"{__name__}:Toy"
        and entry["paper"] == ""
        and entry["folder"] == str(runs / "data" / "clinic")
    )
