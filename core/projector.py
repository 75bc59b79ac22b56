"""A warm process that paints the pictures of runs: `python -m core.projector`.

Standard input carries {"watch": "<run folder>"}; standard output answers {"ready": true}, later {"umap": true}. Frames
are painted in order. Until UMAP's kernels are compiled (seconds, once a process) pictures hold PCA alone; as soon as
they are, the run is painted again from its first frame, so in the end every picture has both. No torch in here.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import json
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from core import frames, store
from core.errors import FusionariumError
from core.projection.picture import Painter
from core.projection.thumb import thumbnail

PERIOD = 0.05
PATIENCE = 3.0  # seconds that a watched run may take to write its probe set


class Easel:
    """One run being painted."""

    def __init__(self, folder: Path, with_umap: bool) -> None:
        self.folder, self.with_umap = folder, with_umap
        self.painter: Painter | None = None
        self.painted = -1  # the last step
        self.seen = time.monotonic()

    def work(self, umap_ready: bool) -> bool:
        """Paint the next frame that is there; True when something was painted."""
        waiting = [step for step in store.steps(self.folder, "frames") if step > self.painted]
        if self.painted >= 0 and self._dropped():
            return self._begin_again(umap_ready)
        if umap_ready and not self.with_umap:
            return self._begin_again(True)
        if not waiting or not (self.folder / "probe.json").exists():
            return False
        if self.painter is None:
            probe = store.read_probe(self.folder)
            self.painter = Painter(probe["matrix"], self.with_umap)
        self._paint(waiting[0])
        self.seen = time.monotonic()
        return True

    def done(self) -> bool:
        """Nothing left to paint of a run that is over."""
        status = store.read_status(self.folder)["status"]
        over = status not in ("running", "queued") and time.monotonic() - self.seen > PERIOD * 4
        return over and self.with_umap and not [s for s in store.steps(self.folder, "frames") if s > self.painted]

    def _paint(self, step: int) -> None:
        header, blocks = frames.decode(store.read_file(store.frame_path(self.folder, "frames", step)))
        assert self.painter is not None
        picture = frames.encode(*self.painter.paint(header, blocks))
        store.write_atomic(store.frame_path(self.folder, "projection", step), picture, make=False)
        self.painted = step

    def sign(self) -> None:
        """The last picture once more, small, for lists of runs."""
        steps = store.steps(self.folder, "projection")
        if not steps:
            return
        _, blocks = frames.decode(store.read_file(store.frame_path(self.folder, "projection", steps[-1])))
        labels = store.read_probe(self.folder)["labels"]
        sign = thumbnail(blocks.get("xy/umap", blocks["xy/pca"]), labels)
        store.write_atomic(self.folder / "thumb.png", sign, make=False)

    def _dropped(self) -> bool:
        """A resumed run forgot frames that were painted already."""
        return not store.frame_path(self.folder, "frames", self.painted).exists()

    def _begin_again(self, with_umap: bool) -> bool:
        self.painter, self.painted, self.with_umap = None, -1, with_umap
        return True


def project_run(folder: Path) -> int:
    """Paint all frames of a run here and now; how many there were."""
    easel = Easel(folder, with_umap=True)
    count = 0
    while easel.work(umap_ready=True):
        count += 1
    easel.sign()
    return count


def warm_up() -> None:
    """Compile umap's and our kernels on a small cloud."""
    x = np.random.RandomState(0).normal(size=(2, 60, 8)).astype(np.float16)
    header = {"step": 0, "epoch": 0, "epochs": 1, "values": {}, "look": {}}
    painter = Painter(list(range(30)))
    for scale in (1, 2):
        painter.paint(header, {"z": x * np.float16(scale) + np.float16(0.1) * x[::-1]})


def main() -> None:
    """Serve until the input closes."""
    wishes: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_listen, args=(wishes,), daemon=True).start()
    ready = threading.Event()
    threading.Thread(target=_warm, args=(ready,), daemon=True).start()
    say({"ready": True, "umap": False})
    easels: dict[str, Easel] = {}
    while True:
        try:
            wish = wishes.get(timeout=0 if _round(easels, ready.is_set()) else PERIOD)
        except queue.Empty:
            continue
        if wish is None:
            return
        folder = wish.get("watch", "")
        if folder and folder not in easels:
            easels[folder] = Easel(Path(folder), ready.is_set())


def _round(easels: dict[str, Easel], umap_ready: bool) -> bool:
    """One frame of each run; runs that are done, gone or broken are let go."""
    busy = False
    for name, easel in list(easels.items()):
        try:
            worked = easel.work(umap_ready)
            busy |= worked
            if not worked and easel.done():
                easel.sign()
                del easels[name]
        except (FusionariumError, frames.FrameError, OSError, KeyError, ValueError) as error:
            if not (easel.folder / "config.json").exists() or time.monotonic() - easel.seen > PATIENCE:
                print(f"{easel.folder.name}: {error}", file=sys.stderr)
                del easels[name]
    return busy


def _listen(wishes: queue.Queue[dict[str, Any] | None]) -> None:
    for line in sys.stdin:
        wishes.put(json.loads(line))
    wishes.put(None)


def _warm(ready: threading.Event) -> None:
    warm_up()
    ready.set()
    say({"umap": True})


def say(message: dict[str, Any]) -> None:
    """One line to the server."""
    try:
        print(json.dumps(message), flush=True)
    except (BrokenPipeError, OSError):
        os._exit(0)


if __name__ == "__main__":
    main()
