"""The projection of one run: its snapshots in order, each a picture; what goes wrong with it is written beside it.

`rendering.json` holds the step that is being rendered, so that a step which ends the whole process (a library's crash) is known
to the next one; after TRIES of them it is left alone. A frame that stays damaged is left out, and the log says so.
`picture_problem.json` holds why no more pictures come.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import FusionariumError, RunError, described
from core.projection.picture import FrameProjector
from core.projection.thumb import thumbnail
from core.runs import frames, store
from core.serving.messages import ProjectionFailed

PATIENCE = 3.0  # seconds that a run may take to write its probe set, or lack a moment's memory or handle, and a frame be damaged
REST = 0.2  # seconds without a new frame until a run that is over is done
TRIES = 3  # processes that one picture may end
RENDERING, PROBLEM = "rendering.json", "picture_problem.json"
READY = "ready"  # of UMAP; else "warming" or "broken", as the picture says it
PASSING = (FusionariumError, OSError, MemoryError)  # may be over at the next look


class RunProjection:
    """`umap` is what UMAP was when the first snapshot was rendered: when it becomes ready, all are rendered again."""

    def __init__(self, folder: Path, umap: str) -> None:
        self.folder, self.umap = folder, umap
        self.projector: FrameProjector | None = None
        self.rendered = -1  # the last step
        self.progressed = time.monotonic()
        self.left = _left(folder / RENDERING)
        self.damage: frames.FrameError | None = None  # of the last frame that was left out
        self._damaged: dict[int, float] = {}  # step -> when its frame was first damaged
        with suppress(OSError):
            (folder / PROBLEM).unlink(missing_ok=True)

    def render_next(self, umap: str) -> bool:
        """Render the next snapshot that is there; True when something was rendered."""
        waiting = [step for step in store.steps(self.folder, "frames") if step > self.rendered]
        if umap != self.umap or (self.rendered >= 0 and self._dropped()):
            self.projector, self.rendered, self.umap = None, -1, umap
            return True
        if not waiting or not (self.folder / "probe.json").exists():
            return False
        if self.projector is None:
            probe = store.read_probe(self.folder)
            self.projector = FrameProjector(probe["matrix"], umap == READY, umap)
        self._render(self.projector, waiting[0])
        self.progressed = time.monotonic()
        return True

    def done(self) -> bool:
        """Nothing left to render of a run that is over."""
        status = store.read_status(self.folder)["status"]
        over = status not in ("running", "queued") and time.monotonic() - self.progressed > REST
        return (
            over and self.umap != "warming" and not any(s > self.rendered for s in store.steps(self.folder, "frames"))
        )

    def write_thumbnail(self) -> None:
        """The last picture once more, small, for lists of runs. FrameError where each frame was left out: there is no picture at all."""
        steps = store.steps(self.folder, "projection")
        if not steps:
            if self.damage:
                raise self.damage
            return
        _, blocks = frames.decode(store.read_file(store.frame_path(self.folder, "projection", steps[-1])))
        labels = store.read_probe(self.folder)["labels"]
        png = thumbnail(blocks.get("xy/umap", blocks["xy/pca"]), labels)
        store.write_atomic(self.folder / "thumb.png", png, make=False)

    def passing(self, error: Exception) -> bool:
        """Whether this may be over at the next look. `_render` waits for a damaged frame by its own clock."""
        if isinstance(error, frames.FrameError):
            return error is not self.damage
        final = isinstance(error, RunError) and error.key == "picture_crash"
        return isinstance(error, PASSING) and not final and time.monotonic() - self.progressed <= PATIENCE

    @property
    def gone(self) -> bool:
        """Whether the run was deleted."""
        return not (self.folder / "config.json").exists()

    def fail(self, error: Exception) -> ProjectionFailed:
        """Write why no more pictures come; the same as a message for the server."""
        if not isinstance(error, RunError):
            reason = f"{type(error).__name__}: {error}"[:300]
            error = RunError("no_picture", name=self.folder.name, reason=reason)
        problem = described(error)
        if error.key != "picture_crash":  # that stays known
            self._clear_note()
        with suppress(OSError, RunError):
            store.write_json(self.folder / PROBLEM, problem, make=False)
        return ProjectionFailed(type="failed", run=self.folder.name, error=problem)

    def _render(self, projector: FrameProjector, step: int) -> None:
        path = store.frame_path(self.folder, "frames", step)
        self._begin(step, path.stat().st_mtime_ns)
        try:
            header, blocks = frames.decode(store.read_file(path))
            picture = frames.encode(*projector.project(header, blocks))
        except frames.FrameError as error:
            self._leave_out(step, error)
        else:
            store.write_atomic(store.frame_path(self.folder, "projection", step), picture, make=False)
        self.rendered = step
        self._clear_note()

    def _leave_out(self, step: int, error: frames.FrameError) -> None:
        """Go on with later frames, if this one has been damaged for long; else raise the error, and the next look tries again."""
        now = time.monotonic()
        if now - self._damaged.setdefault(step, now) <= PATIENCE:
            raise error
        self.damage = error
        print(f"There is no picture of step {step} of run {self.folder.name}: {error}.", file=sys.stderr)

    def _begin(self, step: int, made: int) -> None:
        """Note what is rendered now. RunError when it ended processes enough."""
        same = self.left.get("step") == step and self.left.get("made") == made
        ended = 1 + int(self.left.get("ended", 0)) if same else 0
        if ended >= TRIES:
            raise RunError("picture_crash", name=self.folder.name, step=step, count=ended)
        with suppress(OSError):
            note = json.dumps({"step": step, "made": made, "ended": ended})
            (self.folder / RENDERING).write_text(note, encoding="utf-8")

    def _clear_note(self) -> None:
        with suppress(OSError):
            (self.folder / RENDERING).unlink(missing_ok=True)

    def _dropped(self) -> bool:
        """A resumed run forgot snapshots that were rendered already."""
        return not store.frame_path(self.folder, "frames", self.rendered).exists()


def _left(path: Path) -> dict[str, Any]:
    """What an ended process was rendering, if one was."""
    try:
        left = store.read_table(path)
    except RunError:
        return {}
    return left if all(isinstance(value, int) for value in left.values()) else {}
