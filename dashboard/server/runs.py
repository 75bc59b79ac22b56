"""Run folders over HTTP, for replays and scrubbing: documents, the list of frames, single frames."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from core import store
from core.errors import RunError
from dashboard.server.files import missing

_DOCUMENTS = {
    "config": "config.json",
    "probe": "probe.json",
    "result": "result.json",
    "metrics": "metrics.jsonl",
    "thumb": "thumb.png",
}


class Reader:
    """Handlers over one runs folder (and the shipped replays)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    async def document(self, request: Request) -> Response:
        """config, status, probe, result as JSON; metrics as JSON lines; thumb as a small picture of the map."""
        folder, what = self._folder(request), request.path_params["what"]
        if folder is None:
            return missing()
        if what == "status":
            try:
                return JSONResponse(store.read_status(folder))
            except RunError:
                return missing()
        name = _DOCUMENTS.get(what)
        if name is None or not (folder / name).is_file():
            return missing()
        return FileResponse(folder / name, headers={"Cache-Control": "no-cache"})

    async def steps(self, request: Request) -> Response:
        """{"steps": [...]}: the frames that can be shown."""
        folder = self._folder(request)
        return missing() if folder is None else JSONResponse({"steps": store.steps(folder, "projection")})

    async def frame(self, request: Request) -> Response:
        """One picture. It may be made better once (PCA, then UMAP), so a browser asks again, cheaply."""
        folder, step = self._folder(request), request.path_params["step"]
        if folder is None or not step.isdecimal() or len(step) > 9:
            return missing()
        path = store.frame_path(folder, "projection", int(step))
        if not path.is_file():
            return missing()
        return FileResponse(path, media_type="application/octet-stream", headers={"Cache-Control": "no-cache"})

    def _folder(self, request: Request) -> Path | None:
        return store.find_run(self.root, request.path_params["run"])
