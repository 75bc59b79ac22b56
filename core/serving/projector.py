"""A warm process that paints the pictures of runs: `python -m core.serving.projector`.

Standard input carries {"watch": "<run folder>"}; standard output answers {"ready": true}, later {"umap": true}, or false
where UMAP cannot be compiled, and {"failed": "<run>", "error": {...}} of a run whose pictures end. Frames are painted in
order. Until UMAP's kernels are compiled (seconds, once a process) pictures hold PCA alone; as soon as they are, the run
is painted again from its first frame, so in the end every picture has both. No torch in here.

What goes wrong with one run ends that run's pictures alone. A picture that takes longer than SLOW cannot be interrupted:
the process says so and ends, and the server starts another.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import faulthandler
import json
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import RunError
from core.projection import cache

if TYPE_CHECKING:
    from core.serving.run_projection import Easel

PERIOD = 0.05
SLOW = 300.0  # seconds that one picture may take
Wish = dict[str, Any]


def project_run(folder: Path) -> int:
    """Paint all frames of a run here and now; how many there were."""
    from core.serving.run_projection import READY, Easel

    easel = Easel(folder, READY)
    count = 0
    while easel.work(READY):
        count += 1
    easel.close()
    return count


def warm_up() -> None:
    """Compile umap's and our kernels on a small cloud."""
    import numpy as np

    from core.projection.picture import Painter

    x = np.random.RandomState(0).normal(size=(2, 60, 8)).astype(np.float16)
    header = {"step": 0, "epoch": 0, "epochs": 1, "values": {}, "look": {}}
    painter = Painter(list(range(30)))
    for scale in (1, 2):
        painter.paint(header, {"z": x * np.float16(scale) + np.float16(0.1) * x[::-1]})


class Projector:
    """The runs being painted. `warm` is what makes UMAP ready."""

    def __init__(self, warm: Callable[[], None] = warm_up) -> None:
        self.warm = warm
        self.umap = "warming"
        self.easels: dict[str, Easel] = {}
        self.under_brush: tuple[Easel, float] | None = None  # and since when

    def watch(self, folder: str) -> None:
        """Paint this run, as its frames come."""
        from core.serving.run_projection import Easel

        if folder not in self.easels:
            self.easels[folder] = Easel(Path(folder), self.umap)

    def round(self) -> bool:
        """One frame of each run; runs that are done, gone or broken are let go. True when something was painted."""
        busy = False
        for name, easel in list(self.easels.items()):
            try:
                self._hold(easel)
                worked = easel.work(self.umap)
                busy |= worked
                if not worked and easel.done():
                    del self.easels[name]
                    easel.close()
            except Exception as error:  # the kernels, umap, scipy and linear algebra raise whatever they like
                self._trouble(name, easel, error)
            finally:
                self._hold(None)
        return busy

    def _hold(self, easel: Easel | None) -> None:
        """Set the clock. A compiled kernel lets no Python thread run, so behind `guard` there is one without."""
        self.under_brush = None if easel is None else (easel, time.monotonic())
        if easel is None:
            faulthandler.cancel_dump_traceback_later()
        else:
            faulthandler.dump_traceback_later(1.2 * SLOW, exit=True)

    def _trouble(self, name: str, easel: Easel, error: Exception) -> None:
        if easel.gone:
            self.easels.pop(name, None)
        elif not easel.passing(error):
            self.easels.pop(name, None)
            traceback.print_exception(error)
            say(easel.fail(error))

    def make_ready(self) -> None:
        """Compile, meanwhile the others go on; where it cannot be, PCA stays."""
        try:
            try:
                self.warm()
            except OSError:  # a full disk: what could not be kept is compiled nevertheless
                self.warm()
        except Exception as error:
            traceback.print_exception(error)
            self.umap = "broken"
            say({"umap": False, "reason": f"{type(error).__name__}: {error}"[:300]})
        else:
            self.umap = "ready"
            say({"umap": True})

    def guard(self) -> None:
        """End the process when one picture takes too long."""
        while True:
            time.sleep(min(1.0, SLOW / 4))
            held = self.under_brush
            if held and time.monotonic() - held[1] > SLOW:
                say(held[0].fail(RunError("picture_slow", name=held[0].folder.name, seconds=int(SLOW))))
                os._exit(3)


def main() -> None:
    """Serve until the input closes."""
    wishes: queue.Queue[Wish | None] = queue.Queue()
    threading.Thread(target=_listen, args=(wishes,), daemon=True).start()
    projector = Projector()
    say({"ready": True, "umap": False})
    pending = _runs_folder(wishes)
    for work in (projector.make_ready, projector.guard):
        threading.Thread(target=work, daemon=True).start()
    while True:
        try:
            if (wish := pending.pop() if pending else _next(wishes, projector)) is None:
                return
        except queue.Empty:
            continue
        if folder := wish.get("watch", ""):
            projector.watch(folder)


def _next(wishes: queue.Queue[Wish | None], projector: Projector) -> Wish | None:
    return wishes.get(timeout=0 if projector.round() else PERIOD)


def _runs_folder(wishes: queue.Queue[Wish | None]) -> list[Wish | None]:
    """Where compiled kernels can be kept in the runs folder alone, wait for the first run, whose folder tells; that wish."""
    if cache.choose(None).kind in ("given", "package", "home"):
        return []
    wish = wishes.get()
    if wish and wish.get("watch"):
        cache.look_in(Path(wish["watch"]).parent)
    return [wish]


def _listen(wishes: queue.Queue[Wish | None]) -> None:
    for line in sys.stdin:
        with suppress(ValueError):
            wish = json.loads(line)
            if isinstance(wish, dict):
                wishes.put(wish)
    wishes.put(None)


def say(message: dict[str, Any]) -> None:
    """One line to the server."""
    try:
        print(json.dumps(message), flush=True)
    except (BrokenPipeError, OSError):
        os._exit(0)


if __name__ == "__main__":
    main()
