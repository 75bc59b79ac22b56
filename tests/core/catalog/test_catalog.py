"""The catalogue is data, and it is not stale."""

from __future__ import annotations

import subprocess
import sys

from core import catalog
from core.catalog import CATALOG_FILE, writer
from core.catalog.parameters import Parameter


def test_the_committed_file_is_what_the_classes_say() -> None:
    assert CATALOG_FILE.read_text(encoding="utf-8") == writer.text(), "run python -m core catalog --write"


def test_entries_have_what_pages_and_tools_rely_on() -> None:
    for shelf in ("datasets", "fusions", "objectives", "strategies"):
        for entry in catalog.catalog()[shelf]:
            for key in (
                "name",
                "title",
                "idea",
                "family",
                "stage",
                "paper",
                "formula",
                "parameters",
            ):
                assert key in entry, (entry["name"], key)
            assert catalog.text(entry) and catalog.text(entry, "idea").endswith(".")
            for data in entry["parameters"]:
                parameter = Parameter.from_json(data)
                if parameter.kind != "modality":
                    assert parameter.check(parameter.default) == parameter.default
                if parameter.kind in ("int", "float"):
                    assert parameter.low is not None and parameter.high is not None


def test_reading_what_can_be_chosen_loads_no_heavy_package() -> None:
    script = (
        "import sys, core.config, core.catalog, core.runs, core.runs.store, core.runs.frames, core.serving.executor;"
        "core.config.RunConfig.make('interactions');"
        "heavy = {'torch', 'umap', 'numba', 'sklearn', 'scipy', 'pandas', 'streamlit'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_only_a_single_sense_hides_the_others() -> None:
    there = ("image", "audio")
    for entry in catalog.catalog()["fusions"]:
        settings = {p.name: p.among(there).default for p in catalog.parameters(entry)}
        assert catalog.fused_modalities(entry, settings, there) == (there[:1] if entry["stage"] == "single" else there)
