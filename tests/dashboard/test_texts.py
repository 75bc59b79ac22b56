"""Two catalogues, the same keys, and nothing left in English that should not be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import catalog
from core.catalog.localized import Localized
from core.compare import advice
from core.config import parameter_table
from core.errors import SENTENCES
from dashboard import texts
from dashboard.live import TEXTS
from dashboard.markdown import plain
from dashboard.texts import LANGUAGES, catalogue

SAME = {"live.map.umap", "live.map.pca", "list.comma", "verdict.name"}  # names and signs
DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard"
SPOKEN = {f"error.{key}": text for key, text in SENTENCES.items()}  # English is the engine's own
SPOKEN |= {f"advice.{key}": text for key, text in advice.SENTENCES.items()}
ENGINE = set(SPOKEN)
SHELVES = ("datasets", "encoders", "fusions", "objectives", "strategies")


def test_the_same_keys_in_every_language() -> None:
    english = set(catalogue("en")) | ENGINE
    for language in LANGUAGES:
        if language != "en":
            assert set(catalogue(language)) == english


def test_no_chinese_text_equals_its_english_one() -> None:
    chinese = catalogue("zh")
    for key, text in catalogue("en").items():
        assert key in SAME or chinese[key] != text, key
        assert key in SAME or re.search("[\u4e00-\u9fff]", chinese[key]), key


def test_places_agree() -> None:
    for key, text in (catalogue("en") | SPOKEN).items():
        places = set(re.findall(r"{(\w+)", catalogue("zh")[key]))
        assert places == set(re.findall(r"{(\w+)", text)), key


def test_every_live_view_has_its_texts() -> None:
    for view, keys in TEXTS.items():
        for key in keys:
            assert f"live.{view}.{key}" in catalogue("en")


def test_every_measure_has_a_name_and_a_help() -> None:
    for entry in catalog.catalog()["objectives"]:
        if entry["metric"]:
            for language in LANGUAGES:
                assert {f"number.test/{entry['metric']}", f"number.test/{entry['metric']}.help"} <= set(
                    catalogue(language)
                )


def shipped() -> Iterator[tuple[str, Localized]]:
    """Every text of every shipped entry, and whose it is."""
    for entry in (entry for shelf in SHELVES for entry in catalog.catalog()[shelf]):
        yield from ((f"{entry['name']}.{what}", Localized.of(entry[what])) for what in ("title", "idea"))
        yield from ((f"{entry['name']}.{m['name']}", Localized.of(m["title"])) for m in entry.get("modalities", []))
        yield from ((f"{entry['name']}.{p.name}", p.title) for p in catalog.parameters(entry))
    yield from ((p.name, p.title) for p in catalog.run_parameters())


def test_every_shipped_entry_has_its_texts_in_both_languages() -> None:
    for name, text in shipped():
        assert text.en and re.search("[\u4e00-\u9fff]|[A-Z]{3}", text.zh), name
        for language in LANGUAGES:  # an entry may come from anywhere, so its texts are escaped: ours have no need of it
            assert plain(text.in_(language)) == text.in_(language), name


def test_every_parameter_has_a_title() -> None:
    tables = [
        parameter_table(dataset, fusion, objective, {"strategy": strategy})
        for dataset in catalog.names("datasets")
        for fusion, objective, strategy in (
            *((name, "classification+infonce", "none") for name in catalog.names("fusions")),
            *(("concat", f"classification+{name}", "none") for name in catalog.names("objectives")[1:]),
            *(("concat", "classification", name) for name in catalog.names("strategies")),
        )
    ]
    for name, parameter in ((name, parameter) for table in tables for name, parameter in table.items()):
        assert parameter.title.en and parameter.title.zh, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_modality_has_a_name_on_every_page(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data set brings modalities that nobody has titled; each page asks for the title of each."""
    new = {**catalog.dataset("interactions"), "name": "clinic"}
    new["modalities"] = [
        {"name": "ecg", "kind": "features", "when": ""},
        {**new["modalities"][0], "title": {"en": "X-ray"}},
    ]
    monkeypatch.setitem(catalog.catalog(), "datasets", [*catalog.catalog()["datasets"], new])
    monkeypatch.setattr(texts, "language", lambda: language)
    assert texts.modality("ecg") == texts.modality("ecg", "clinic") == "ecg"
    assert texts.modality("x1", "clinic") == "X-ray" != texts.modality("x1", "interactions")
    assert texts.modality("*ecg*") == "`*ecg*`"


def test_every_key_that_the_code_asks_for_is_there() -> None:
    for path in DASHBOARD.rglob("*.py"):
        for key in re.findall(r"\bt\(\s*\"([^\"]+)\"", path.read_text(encoding="utf-8")):
            assert key in catalogue("en") or key in ENGINE, (path.name, key)


def test_the_page_says_of_whom_a_verdict_speaks_as_the_command_line_does() -> None:
    from core.stats import population_en

    kinds = {"samples": ["seeds and samples"], "seeds": ["seeds"], "mixed": ["seeds", "seeds and samples"]}
    for kind, over in kinds.items():
        assert catalogue("en")[f"population.{kind}"] == population_en(over)
        assert catalogue("en")[f"population.{kind}.new_data"] == population_en(over, True)
