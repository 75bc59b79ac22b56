"""A warm process that renders the pictures of runs: `python -m core.serving.projector`.

Standard input carries runs to watch; standard output says when it is ready, whether UMAP is, and whose pictures end (one JSON
object a line, core/serving/messages.py). Snapshots are rendered in
order. Until UMAP's kernels are compiled (seconds, once a process) pictures hold PCA alone; as soon as they are, the run
is rendered again from its first snapshot, so in the end every picture has both. No torch in here.

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
from typing import TYPE_CHECKING

from core.errors import RunError
from core.projection import cache
from core.schema import conforms
from core.serving.messages import Message, Watch

if TYPE_CHECKING:
    from core.serving.run_projection import RunProjection

PERIOD = 0.05
SLOW = 300.0  # seconds that one picture may take


def project_run(folder: Path) -> int:
    """Render all snapshots of a run here and now; how many there were."""
    from core.serving.run_projection import READY, RunProjection

    projection = RunProjection(folder, READY)
    count = 0
    while projection.render_next(READY):
        count += 1
    projection.write_thumbnail()
    return count


def warm_up() -> None:
    """Compile umap's and our kernels on a small cloud."""
    import numpy as np

    from core.projection.picture import FrameProjector

    x = np.random.RandomState(0).normal(size=(2, 60, 8)).astype(np.float16)
    header = {"step": 0, "epoch": 0, "epochs": 1, "values": {}, "diagnostics": {}}
    projector = FrameProjector(list(range(30)))
    for scale in (1, 2):
        projector.project(header, {"z": x * np.float16(scale) + np.float16(0.1) * x[::-1]})


class Projector:
    """The runs being rendered. `warm` is what makes UMAP ready."""

    def __init__(self, warm: Callable[[], None] = warm_up) -> None:
        self.warm = warm
        self.umap = "warming"
        self.projections: dict[str, RunProjection] = {}
        self.current: tuple[RunProjection, float] | None = None  # and since when

    def watch(self, folder: str) -> None:
        """Render this run, as its snapshots come."""
        from core.serving.run_projection import RunProjection

        if folder not in self.projections:
            self.projections[folder] = RunProjection(Path(folder), self.umap)

    def round(self) -> bool:
        """One snapshot of each run; runs that are done, gone or broken are let go. True when something was rendered."""
        busy = False
        for name, projection in list(self.projections.items()):
            try:
                self._hold(projection)
                worked = projection.render_next(self.umap)
                busy |= worked
                if not worked and projection.done():
                    del self.projections[name]
                    projection.write_thumbnail()
            except Exception as error:  # the kernels, umap, scipy and linear algebra raise whatever they like
                self._trouble(name, projection, error)
            finally:
                self._hold(None)
        return busy

    def _hold(self, projection: RunProjection | None) -> None:
        """Set the clock. A compiled kernel lets no Python thread run, so behind `guard` there is one without."""
        self.current = None if projection is None else (projection, time.monotonic())
        if projection is None:
            faulthandler.cancel_dump_traceback_later()
        else:
            faulthandler.dump_traceback_later(1.2 * SLOW, exit=True)

    def _trouble(self, name: str, projection: RunProjection, error: Exception) -> None:
        if projection.gone:
            self.projections.pop(name, None)
        elif not projection.passing(error):
            self.projections.pop(name, None)
            traceback.print_exception(error)
            send(projection.fail(error))

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
            send({"type": "umap", "ready": False, "reason": f"{type(error).__name__}: {error}"[:300]})
        else:
            self.umap = "ready"
            send({"type": "umap", "ready": True, "reason": ""})

    def guard(self) -> None:
        """End the process when one picture takes too long."""
        while True:
            time.sleep(min(1.0, SLOW / 4))
            held = self.current
            if held and time.monotonic() - held[1] > SLOW:
                send(held[0].fail(RunError("picture_slow", name=held[0].folder.name, seconds=int(SLOW))))
                os._exit(3)


def main() -> None:
    """Serve until the input closes."""
    requests: queue.Queue[Watch | None] = queue.Queue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    projector = Projector()
    send({"type": "ready", "device": "cpu"})
    pending = _runs_folder(requests)
    for work in (projector.make_ready, projector.guard):
        threading.Thread(target=work, daemon=True).start()
    while True:
        try:
            if (request := pending.pop() if pending else _next(requests, projector)) is None:
                return
        except queue.Empty:
            continue
        projector.watch(request["folder"])


def _next(requests: queue.Queue[Watch | None], projector: Projector) -> Watch | None:
    return requests.get(timeout=0 if projector.round() else PERIOD)


def _runs_folder(requests: queue.Queue[Watch | None]) -> list[Watch | None]:
    """Where compiled kernels can be kept in the runs folder alone, wait for the first run, whose folder tells; that request."""
    if cache.choose(None).kind in ("given", "package", "home"):
        return []
    request = requests.get()
    if request is not None:
        cache.look_in(Path(request["folder"]).parent)
    return [request]


def _listen(requests: queue.Queue[Watch | None]) -> None:
    for line in sys.stdin:
        with suppress(ValueError):
            request = json.loads(line)
            if conforms(request, Watch):
                requests.put(request)
    requests.put(None)


def send(message: Message) -> None:
    """One line to the server."""
    try:
        print(json.dumps(message), flush=True)
    except (BrokenPipeError, OSError):
        os._exit(0)


if __name__ == "__main__":
    main()
