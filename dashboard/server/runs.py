"""Run folders over HTTP, for replays and scrubbing: documents, the list of frames, single frames.

The handlers read files, so they are plain functions: the server calls those in a thread, and its loop goes on.
"""

from __future__ import annotations

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.errors import RunError
from core.runs import store
from dashboard.server.files import answer, missing

_DOCUMENTS = {
    "config": ("config.json", "application/json"),
    "probe": ("probe.json", "application/json"),
    "result": ("result.json", "application/json"),
    "metrics": ("metrics.jsonl", "application/jsonl"),
    "thumb": ("thumb.png", "image/png"),
}
_STEP = re.compile(r"[0-9]{1,9}")


class Reader:
    """Handlers over one runs folder (and the shipped replays)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def document(self, request: Request) -> Response:
        """config, status, probe, result as JSON; metrics as JSON lines; thumb as a small picture of the map."""
        folder, what = self._folder(request), request.path_params["what"]
        if folder is None:
            return missing()
        try:
            if what == "status":
                return JSONResponse(store.read_status(folder))
            if what not in _DOCUMENTS:
                return missing()
            name, kind = _DOCUMENTS[what]
            data = store.read_file(folder / name)
            if kind == "application/json":
                store.parse_json(data)
        except ValueError:  # a RunError is one
            return missing()
        return answer(request, data, kind)

    def steps(self, request: Request) -> Response:
        """{"steps": [...]}: the frames that can be shown."""
        folder = self._folder(request)
        return missing() if folder is None else JSONResponse({"steps": store.steps(folder, "projection")})

    def frame(self, request: Request) -> Response:
        """One picture. It may be made better once (PCA, then UMAP), so a browser asks again, cheaply."""
        folder, step = self._folder(request), request.path_params["step"]
        if folder is None or not _STEP.fullmatch(step):
            return missing()
        try:
            data = store.read_file(store.frame_path(folder, "projection", int(step)))
        except RunError:
            return missing()
        return answer(request, data, "application/octet-stream")

    def _folder(self, request: Request) -> Path | None:
        return store.find_run(self.root, request.path_params["run"])
