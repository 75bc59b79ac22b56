"""The table of kinds, their files' names, and what no kind takes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from core.renderers import RENDERERS, Clip, Files, Picture, Series, Shown, Sound, Text, Vector, WrongShown
from dashboard.server.files import _SAMPLE_FILE

SCRIPTS = Path(__file__).parents[3] / "dashboard" / "live" / "static" / "renderers"
GOOD = (
    Picture(np.zeros((4, 5))),
    Sound(np.zeros(9), 8000),
    Text("even"),
    Series(np.zeros((2, 7)), 50.0),
    Clip(np.zeros((3, 3, 4, 5)), 12.0),
    Vector(np.zeros(6)),
)
BAD = (
    (Picture(np.zeros(4)), "(height, width), (3, height, width)", "(4,)"),
    (Picture(np.zeros((2, 4, 5))), "(height, width), (3, height, width)", "(2, 4, 5)"),
    (Picture(np.full((4, 5), np.nan)), "(height, width), (3, height, width)", "NaN, ∞"),
    (Sound(np.zeros(0), 8000), "(time,)", "(0,)"),
    (Sound(np.zeros(9), 0), "rate > 0 Hz", "0 Hz"),
    (Text(None), "str", "NoneType"),  # type: ignore[arg-type]
    (Series(np.zeros(7), 50.0), "(channels, time)", "(7,)"),
    (Series(np.zeros((2, 7)), float("inf")), "rate > 0 Hz", "inf Hz"),
    (Clip(np.zeros((4, 5)), 12.0), "(frames, height, width), (frames, 3, height, width)", "(4, 5)"),
    (Vector("a word"), "(features,)", "str"),
)


def test_every_kind_is_in_the_table_and_has_its_script() -> None:
    assert {type(one) for one in GOOD} == set(RENDERERS.values()) == set(Shown.__subclasses__())
    assert set(RENDERERS) <= {script.stem for script in SCRIPTS.glob("*.js")}


@pytest.mark.parametrize("one", GOOD, ids=lambda one: one.kind)
def test_good_ones_pass_as_arrays_and_as_tensors(one: Shown, files: Files) -> None:
    one.check()
    tensors = {f.name: getattr(one, f.name) for f in dataclasses.fields(one)}
    tensors = {name: torch.as_tensor(v) if isinstance(v, np.ndarray) else v for name, v in tensors.items()}
    same = type(one)(**tensors)
    same.check()
    assert one.write([one], files) == same.write([same], files)


@pytest.mark.parametrize(("one", "expected", "actual"), BAD)
def test_bad_ones_are_named(one: Shown, expected: str, actual: str) -> None:
    with pytest.raises(WrongShown) as wrong:
        one.check()
    assert (wrong.value.expected, wrong.value.actual) == (expected, actual)


def test_every_file_may_be_served(files: Files) -> None:
    for one in GOOD:
        one.write([one] * 60, files)
    written = sorted(path.name for path in files.folder.iterdir())
    assert written == ["clip-3-0.png", "clip-3-1.png", "clip-3-2.png", "picture-3.png", "series-3.bin", "sound-3.bin"]
    assert all(_SAMPLE_FILE.fullmatch(name) for name in written)
    assert all(
        _SAMPLE_FILE.fullmatch(name) for name in ("sprites.png", "sprites-image_2.png", "sound.bin")
    )  # of before
