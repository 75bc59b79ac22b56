"""Clips come back frame by frame from their sheets; a short one ends in black."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.renderers import Clip, Files
from core.renderers.clip import SHEET


def frame(files: Files, entry: dict, i: int, k: int) -> np.ndarray:
    (width, height), part, row = entry["sprite"], i // entry["sheet"], i % entry["sheet"]
    sheet = np.asarray(Image.open(files.folder / entry["files"][part]).convert("L"))
    return sheet[row * height : (row + 1) * height, k * width : (k + 1) * width]


def test_frames_come_back(files: Files) -> None:
    rng = np.random.default_rng(0)
    clips = [rng.random((2 + i % 3, 48, 48)) for i in range(SHEET + 2)]
    entry = Clip.write([Clip(clip, 8.0) for clip in clips], files)
    assert len(entry["files"]) == 2 and entry["frames"] == [len(clip) for clip in clips] and entry["rate"] == 8.0
    for i in (0, 1, SHEET - 1, SHEET, SHEET + 1):
        for k, pixels in enumerate(clips[i]):
            assert (frame(files, entry, i, k) == (pixels * 255).astype(np.uint8)).all()
    assert not frame(files, entry, 0, 3).any()


def test_colour_clips_keep_their_colours(files: Files) -> None:
    red = np.zeros((2, 3, 8, 8))
    red[:, 0] = 1.0
    entry = Clip.write([Clip(red, 8.0)], files)
    assert (np.asarray(Image.open(files.folder / entry["files"][0]).convert("RGB")) == [255, 0, 0]).all()
