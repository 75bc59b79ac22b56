"""Damaged run folders under every look that the program has for them: a sentence about that one, and all else goes on.

`python benchmarks/attack.py folders` tries all of them (more than a thousand); here are those that once broke something.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from benchmarks.attacks.damages import damages
from benchmarks.attacks.folders import attempts
from benchmarks.attacks.looks import LOOKS, Scene

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and links as POSIX has them")
DAMAGES = dict(damages())
ONCE_BROKE = (
    "config.json is a pipe",
    "config.json is a link to /etc/passwd",
    "config.json holds nested 100,000 deep",
    "config.json: created is 1e18",
    "config.json: seed is 401 digits",
    "config.json: dataset is half a character",
    "status.json is a pipe",
    "status.json holds a number of 401 digits",
    "status.json: seconds is 401 digits",
    "metrics.jsonl is a link to /dev/zero",
    "metrics.jsonl is 4 GB of nothing",
    "result.json is a link to /etc/passwd",
    "result.json: metrics is markup",
    "label.json: name is a megabyte",
    "thumb.png is a link to /etc/passwd",
    "stop is a folder",
    "lock is a pipe",
    "a file '000040 (1).bin' in frames",
    "frames is a link to /etc",
    "the run is a link",
    "the run is a file",
)
QUICK = ("core runs", "core runs --json", "core show", "routes", "socket", "training beside it", "label and delete")


@pytest.mark.parametrize("damage", ONCE_BROKE)
def test_a_damage_breaks_no_look(damage: str, finished: Path, tmp_path: Path) -> None:
    root, well = tmp_path / "runs", "0123456789ab"
    for name in (finished.name, well):
        shutil.copytree(finished, root / name)
        (root / name / "thumb.png").touch()
    DAMAGES[damage](root / finished.name)
    for look in QUICK:
        LOOKS[look](Scene(root, finished.name, well))


@pytest.mark.slow
def test_no_damage_of_a_sample_of_all_breaks_anything() -> None:
    assert [found for found in attempts(every=37, only="") if found[2]] == []
