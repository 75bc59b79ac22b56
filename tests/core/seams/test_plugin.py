"""Seam: a package that names a fusion in its entry points has it listed, chosen and trained; a broken one costs a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core import catalog
from core.commands import doctor
from core.config import RunConfig
from core.runs import run_id
from core.train import train

SUM = """
from core.fusion.base import FeatureFusion

class Loud(FeatureFusion):
    name, title = {name!r}, {title!r}

    def fuse(self, z, tokens, present):
        return sum(z.values())
"""
SMALL = {"epochs": 1, "data.train_size": 128, "data.test_size": 64, "device": "cpu"}
LIST = "import sys; from core import catalog; print(catalog.names('fusions')[-1], len(catalog.problems()), 'torch' in sys.modules)"


def test_it_is_trained_and_a_new_version_gets_other_names(site: Path, install) -> None:
    install("aplug", "1.2", SUM.format(name="plug_sum", title="Loud sum"), fusions="Loud")
    config = RunConfig.make("interactions", "plug_sum", settings=SMALL)
    assert catalog.text(config.choice.fusion) == "Loud sum" and config.choice.fusion["source"] == "aplug 1.2"
    assert len(list(train(config))) > 1 and not catalog.problems()
    before = run_id(config)
    config.choice.fusion["source"] = "aplug 1.3"
    assert run_id(config) != before


def test_what_is_wrong_with_it_is_a_sentence_and_the_rest_goes_on(site: Path, install, capsys) -> None:
    install("bplug", "1", "raise RuntimeError('no such device')", fusions="Loud")
    install("cplug", "1", SUM.format(name="concat", title="Another concat"), fusions="Loud")
    install("dplug", "1", "print('hello')" + SUM.format(name="untitled_sum", title=""), fusions="Loud")
    install("fplug", "1", "import sys; sys.exit(3)", fusions="Loud")
    broken, twice, untitled, ended = catalog.problems()
    assert broken.key == "bad_plugin" and "'loud' of bplug 1" in str(broken) and "no such device" in str(broken)
    assert twice.key == "name_twice" and "Fusionarium and cplug 1" in str(twice)
    assert untitled.key == "untitled_entry" and catalog.text(catalog.fusion("untitled_sum")) == "untitled_sum"
    assert ended.key == "bad_plugin" and "SystemExit: 3" in str(ended)
    assert len([line for line in doctor._catalogue() if not line[0]]) == 4
    assert catalog.text(catalog.fusion("concat")) == "Concatenation"
    assert capsys.readouterr() == ("", "hello\n"), "what a plug-in prints is no line of ours"


def test_a_process_without_torch_lists_it_and_keeps_what_it_read(tmp_path: Path, install) -> None:
    install("eplug", "1", SUM.format(name="plug_sum", title="Sum"), fusions="Loud")
    own = {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]), "FUSIONARIUM_CACHE": str(tmp_path / "kept")}

    def listed() -> str:
        command = [sys.executable, "-c", LIST]
        return subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=True).stdout.strip()

    assert listed() == "plug_sum 0 False"
    (kept,) = (tmp_path / "kept").iterdir()
    kept.write_text(kept.read_text(encoding="utf-8").replace("plug_sum", "as_kept"), encoding="utf-8")
    assert listed() == "as_kept 0 False"
    (tmp_path / "eplug.py").write_text(SUM.format(name="renamed", title="Sum"), encoding="utf-8")
    assert listed() == "renamed 0 False"
