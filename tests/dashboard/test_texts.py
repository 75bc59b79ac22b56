"""Two catalogues, the same keys, and nothing left in English that should not be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core import catalog
from core.compare import advice
from core.config import parameter_table
from core.errors import SENTENCES
from dashboard.live import TEXTS
from dashboard.texts import LANGUAGES, catalogue

SAME = {"live.map.umap", "live.map.pca", "list.comma", "verdict.name"}  # names and signs
DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard"
SPOKEN = {f"error.{key}": text for key, text in SENTENCES.items()}  # English is the engine's own
SPOKEN |= {f"advice.{key}": text for key, text in advice.SENTENCES.items()}
ENGINE = set(SPOKEN)
METHODS = {
    f"{shelf}.{entry['name']}.{what}"
    for shelf in ("datasets", "encoders", "fusions", "objectives", "strategies")
    for entry in catalog.catalog()[shelf]
    for what in ("title", "idea")
}


def test_the_same_keys_in_every_language() -> None:
    english = set(catalogue("en")) | ENGINE | METHODS
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
        if entry["measure"]:
            for language in LANGUAGES:
                assert {f"number.test/{entry['measure']}", f"number.test/{entry['measure']}.help"} <= set(
                    catalogue(language)
                )


@pytest.mark.parametrize("dataset", catalog.names("datasets"))
def test_every_parameter_has_a_name(dataset: str) -> None:
    known = catalogue("en")
    tables = [
        parameter_table(dataset, fusion, objective)
        for fusion in catalog.names("fusions")
        for objective in catalog.names("objectives")
    ]
    tables += [
        parameter_table(dataset, "concat", "classification", {"strategy": name}) for name in catalog.names("strategies")
    ]
    for table in tables:
        for name in table:
            short = name.rsplit(".", 1)[-1]
            weight = name.startswith("objective.weight.")
            assert weight or f"parameter.{name}" in known or f"parameter.{short}" in known, name


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
