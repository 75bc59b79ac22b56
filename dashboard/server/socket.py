"""The push channel: WS /live/socket?run=<id>[&frames=0].

Text messages are JSON ({"type": "run" | "status" | "records" | "frames" | "result" | "pictures" | "trouble" | "gone"}), binary
ones are pictures, verbatim as the projector wrote them. Each client has its own position, so nothing is queued for a slow
one: it gets every record, and the newest picture when it is ready for it. One that takes nothing for half a minute is
let go, one that says anything at length too; what goes wrong with sending is told, and tried again.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.runs import store
from core.runs.types import Status
from dashboard.server.messages import Message, PicturesMessage, ResultMessage, Trouble
from dashboard.server.pollers import Pollers, RunSnapshot
from dashboard.server.seats import Seats

REFUSED = 4403
UNKNOWN = 4404
CROWDED = 4429
TOO_MUCH = 1008  # RFC 6455: what was said is against the rules
BROKEN = 1011
FULL = "Too many viewers at once; this page tries again by itself."
KEEPALIVE = 15.0  # seconds without news until a sign of life is sent
PATIENCE = 30.0  # seconds that a client may take for one message
MOST_SAID = 20  # messages of a client, of which none is expected
LONGEST_BREAK = 8.0  # seconds until sending is tried again
Gone = (
    WebSocketDisconnect,
    TimeoutError,
    RuntimeError,
    OSError,
)  # the browser left, does not read, was closed meanwhile


class Socket:
    """ASGI endpoint: checks, then one sending and one receiving task a client."""

    def __init__(self, pollers: Pollers, seats: Seats | None = None) -> None:
        self.pollers = pollers
        self.seats = Seats() if seats is None else seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        run = socket.query_params.get("run", "")
        if not store.is_run_id(run):
            await socket.close(REFUSED)
            return
        seat = self.seats.take(scope)
        try:
            await socket.accept()
            if seat is None:  # accepted first: a browser hears no reason of a refusal
                await socket.close(CROWDED, FULL)
            else:
                await self._show(socket, run)
        except Gone:
            pass
        finally:
            if seat is not None:
                self.seats.free(seat)

    async def _show(self, socket: WebSocket, run: str) -> None:
        snapshot = self.pollers.open(run)
        try:
            await serve(socket, snapshot, socket.query_params.get("frames") != "0")
        finally:
            self.pollers.close(snapshot)


async def serve(socket: WebSocket, snapshot: RunSnapshot, frames: bool) -> None:
    """Until the run is gone, the browser is, or either cannot be helped."""
    client = _Client(socket, snapshot, frames)
    tasks = [asyncio.create_task(work) for work in (client.serve(), _listen(socket))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    code = next((task.result() for task in ended), None)
    if code is not None:
        with suppress(*Gone):
            async with asyncio.timeout(PATIENCE):
                await socket.close(code)


async def _listen(socket: WebSocket) -> int | None:
    """A client says nothing; this notices that it left, and lets one go that talks."""
    for _ in range(MOST_SAID):
        try:
            message = await socket.receive()
        except Gone:
            return None
        if message["type"] == "websocket.disconnect":
            return None
    return TOO_MUCH


@dataclass
class _Client:
    """What one browser has been told already."""

    socket: WebSocket
    snapshot: RunSnapshot
    frames: bool
    document: str | None = None
    status: Status | None = None
    offset: int = 0
    epoch: int = 0
    steps: tuple[int, ...] = ()
    frame: bytes | None = None
    result: dict[str, Any] | None = None
    pictures: dict[str, Any] | None = None
    trouble: Trouble | None = None

    async def serve(self) -> int | None:
        """`send`, and again after whatever went wrong; the code to close with, None when the browser is gone."""
        failures = 0
        while True:
            try:
                return await self.send()
            except Gone:
                return None
            except Exception:  # ours: it is said, and what the browser has been told already is kept
                traceback.print_exc(file=sys.stderr)
                failures += 1
                self.trouble = "sending"
                with suppress(*Gone):
                    await self._say({"type": "trouble", "what": "sending"})
                await asyncio.sleep(min(LONGEST_BREAK, 0.25 * 2.0**failures))

    async def send(self) -> int:
        """Tell the news, wait for more, until the run is gone."""
        snapshot = self.snapshot
        while True:
            changed = snapshot.changed
            await self._news()
            if snapshot.gone:
                await self._say({"type": "gone", "reason": snapshot.gone})
                return UNKNOWN
            try:
                async with asyncio.timeout(KEEPALIVE):
                    await changed.wait()
            except TimeoutError:
                await self._say({"type": "alive"})

    async def _news(self) -> None:
        if self.snapshot.document is not None and self.snapshot.document is not self.document:
            self.document = self.snapshot.document
            await self._patiently(self.socket.send_text(self.document))
        await self._picture()  # first: a browser that has begun to draw a new record would let the picture wait
        await self._records()
        if self.snapshot.steps != self.steps:
            self.steps = self.snapshot.steps
            await self._say({"type": "frames", "steps": list(self.steps)})
        await self._ending()
        await self._troubles()

    async def _records(self) -> None:
        snapshot = self.snapshot
        reset = self.epoch != snapshot.epoch
        if reset:
            self.epoch, self.offset = snapshot.epoch, 0
        text = snapshot.records[self.offset :]
        if text or reset:
            self.offset += len(text)
            await self._say({"type": "records", "text": text, "reset": reset})

    async def _picture(self) -> None:
        snapshot = self.snapshot
        if self.frames and snapshot.frame is not None and snapshot.frame is not self.frame:
            self.frame = snapshot.frame
            await self._patiently(self.socket.send_bytes(self.frame))

    async def _ending(self) -> None:
        """Status and result come after the pictures, so "finished" is said of what is on the screen."""
        snapshot = self.snapshot
        if snapshot.result is not None and snapshot.result is not self.result:
            self.result = snapshot.result
            await self._say(cast(ResultMessage, {**snapshot.result, "type": "result"}))
        if snapshot.status and snapshot.status != self.status:
            self.status = snapshot.status
            await self._say({**snapshot.status, "type": "status"})

    async def _troubles(self) -> None:
        """Why no pictures come; that the folder cannot be read for the moment, and that it can be again."""
        snapshot = self.snapshot
        if snapshot.pictures is not None and snapshot.pictures is not self.pictures:
            self.pictures = snapshot.pictures
            await self._say(cast(PicturesMessage, {**snapshot.pictures, "type": "pictures"}))
        trouble: Trouble | None = "reading" if snapshot.unreadable else None
        if trouble != self.trouble:
            self.trouble = trouble
            await self._say({"type": "trouble", "what": trouble, "reason": snapshot.unreadable})

    async def _say(self, message: Message) -> None:
        await self._patiently(self.socket.send_text(json.dumps(message, ensure_ascii=False)))

    async def _patiently(self, sending: Awaitable[None]) -> None:
        async with asyncio.timeout(PATIENCE):
            await sending
