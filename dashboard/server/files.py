"""Shared JavaScript and what people see of samples: fixed names, nothing from a request becomes a path."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

import dashboard
from core.errors import RunError
from core.paths import PALETTE
from core.runs import store

STATIC = Path(dashboard.__file__).with_name("live") / "static"
_STATIC_FILE = re.compile(r"((renderers|targets)/)?[a-z_]{1,40}\.(js|css)")
_CONTENT = re.compile(r"[0-9a-f]{12}")
_SAMPLE_FILE = re.compile(
    r"index\.json|[a-z]{1,20}-[0-9]{1,3}(-[0-9]{1,5})?\.(png|bin)"  # as core/renderers/base.Files names them
    r"|sound\.bin|sprites(-[a-z0-9_]{1,40})?\.png"  # as runs of 0.1 have them
)
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".png": "image/png"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


async def static(request: Request) -> Response:
    """A module of the live views. The version in the path is of all modules, so each may be kept for ever."""
    name = request.path_params["file"]
    path = PALETTE if name == PALETTE.name else STATIC / name
    if not (path is PALETTE or _STATIC_FILE.fullmatch(name)) or not path.is_file():
        return missing()
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=_FOREVER)


class Samples:
    """Pictures, sounds and texts by content hash: shipped ones first, then those that workers wrote."""

    def __init__(self, root: Path, assets: Path) -> None:
        self.places = (assets / "samples", root / "samples")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await run_in_threadpool(self._answer, request)
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        content, name = request.path_params["content"], request.path_params["file"]
        if not _CONTENT.fullmatch(content) or not _SAMPLE_FILE.fullmatch(name):
            return missing()
        for place in self.places:
            path = place / content / name
            try:
                data = store.read_file(path)
            except RunError:
                continue
            return Response(data, media_type=_TYPES.get(path.suffix, "application/octet-stream"), headers=_FOREVER)
        return missing()


def answer(request: Request, data: bytes, kind: str) -> Response:
    """A file that may change: a browser keeps it and asks whether it did."""
    tag = f'"{len(data):x}-{zlib.crc32(data):08x}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=kind, headers=headers)


def missing() -> Response:
    """The one answer to whatever is not there or not allowed: it tells nothing."""
    return PlainTextResponse("not found", status_code=404)
