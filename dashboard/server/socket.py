"""The push channel: WS /live/socket?run=<id>[&frames=0].

Text messages are JSON ({"type": "run" | "status" | "records" | "frames" | "result" | "gone"}), binary ones are pictures,
verbatim as the projector wrote them. Each client has its own position, so nothing is queued for a slow one: it gets
every record, and the newest picture when it is ready for it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from core import store
from core.errors import RunError
from dashboard.server.watcher import View, Watchers

PROBE = {"modalities", "classes", "labels", "index", "matrix", "samples", "chance"}  # what the views count on
REFUSED = 4403
UNKNOWN = 4404
KEEPALIVE = 15.0  # seconds without news until a sign of life is sent


class Socket:
    """ASGI endpoint: checks, then one sending task a client."""

    def __init__(self, watchers: Watchers) -> None:
        self.watchers = watchers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        run = socket.query_params.get("run", "")
        if not store.is_run_id(run):
            await socket.close(REFUSED)
            return
        view = self.watchers.open(run)
        await socket.accept()
        if view is None:
            await _say(socket, {"type": "gone", "reason": "unknown"})
            await socket.close(UNKNOWN)
            return
        try:
            await self._serve(socket, view, socket.query_params.get("frames") != "0")
        finally:
            self.watchers.close(view)

    async def _serve(self, socket: WebSocket, view: View, frames: bool) -> None:
        sending = asyncio.create_task(_Client(socket, view, frames).send())
        try:
            while True:  # a client says nothing; this notices that it left
                await socket.receive_text()
        except (WebSocketDisconnect, RuntimeError, KeyError):
            pass
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


@dataclass
class _Client:
    """What one browser has been told already."""

    socket: WebSocket
    view: View
    frames: bool
    version: int = -1
    status: dict[str, Any] | None = None
    offset: int = 0
    epoch: int = 0
    steps: tuple[int, ...] = ()
    frame: bytes | None = None
    result: dict[str, Any] | None = None
    probe: bool = False

    async def send(self) -> None:
        """Tell the news, wait for more, until the run is gone or the browser is."""
        view = self.view
        while True:
            self.version = view.version
            await self._news()
            if view.gone:
                await _say(self.socket, {"type": "gone", "reason": view.gone})
                return
            try:
                async with asyncio.timeout(KEEPALIVE), view.changed:
                    await view.changed.wait_for(lambda: view.version != self.version)
            except TimeoutError:
                await _say(self.socket, {"type": "alive"})

    async def _news(self) -> None:
        await self._run()
        await self._picture()  # first: a browser that has begun to draw a new record would let the picture wait
        await self._records()
        await self._steps()
        await self._ending()

    async def _run(self) -> None:
        """What the run is; again once its probe set is known."""
        if self.probe or self.view.gone:
            return
        folder = self.view.folder
        known = (folder / "probe.json").is_file()
        if self.status is None or known:
            probe = _read(folder / "probe.json") if known else None
            if not isinstance(probe, dict) or not set(probe) >= PROBE:
                probe = None
            message = {
                "type": "run",
                "run": self.view.run,
                "config": _read(folder / "config.json"),
                "probe": probe,
            }
            await _say(self.socket, message)
        self.probe = known

    async def _records(self) -> None:
        view = self.view
        reset = self.epoch != view.epoch
        if reset:
            self.epoch, self.offset = view.epoch, 0
        text = view.records[self.offset :]
        if text or reset:
            self.offset += len(text)
            await _say(self.socket, {"type": "records", "text": text, "reset": reset})

    async def _picture(self) -> None:
        view = self.view
        if self.frames and view.frame is not None and view.frame[1] is not self.frame:
            self.frame = view.frame[1]
            await self.socket.send_bytes(self.frame)

    async def _steps(self) -> None:
        if self.view.steps != self.steps:
            self.steps = self.view.steps
            await _say(self.socket, {"type": "frames", "steps": self.steps})

    async def _ending(self) -> None:
        """Status and result come after the pictures, so "finished" is said of what is on the screen."""
        view = self.view
        if isinstance(view.result, dict) and view.result is not self.result:
            self.result = view.result
            await _say(self.socket, {**view.result, "type": "result"})
        if view.status != self.status:
            self.status = view.status
            await _say(self.socket, {**view.status, "type": "status"})


async def _say(socket: WebSocket, message: dict[str, Any]) -> None:
    await socket.send_text(json.dumps(message, ensure_ascii=False))


def _read(path: Path) -> Any:
    try:
        return store.read_json(path)
    except RunError:
        return None
