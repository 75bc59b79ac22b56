"""The connections of the server: none is kept that does nothing, none takes the last handles, and a flood stops no other.

    a request that is not whole after a minute, an answer or picture that is not taken within one: let go
    a new connection when handles are nearly used up: a page that says so and tries again, while those who are served go on
    no handle at all: asyncio tries to accept as often as its `backlog` says and writes as many errors; one is enough

uvicorn itself sends pings over sockets and closes those that do not answer within 40 seconds.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import h11
import uvicorn
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from dashboard.server import policy, seats

PATIENCE = 60.0  # seconds
AGAIN = 10  # seconds until a page that found no place tries again
LARGEST_MESSAGE = 1_000_000  # bytes that a browser may send over a socket; clicks and choices have a few hundred
FULL = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="{again}"><title>Fusionarium</title>'
    "<p>Too many people look at this server at once. This page tries again in {again} seconds; nothing is lost, and those "
    "who are in go on.</p><p>同时访问的人太多。本页将在 {again} 秒后重试；不会丢失任何内容，已进入的用户不受影响。</p>"
)


class Connection(H11Protocol):
    """A connection that has to be used for something."""

    _checking: asyncio.TimerHandle | None = None
    _waited_for: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._waited_for = self.cycle
        self._checking = self.loop.call_later(PATIENCE, self._check)
        if seats.handles_left() < seats.KEPT_LAST:
            self.app = full

    def connection_lost(self, exc: Exception | None) -> None:
        if self._checking:
            self._checking.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """To what is no request of HTTP; the door never sees it, so the headers of every answer are added here."""
        headers = {"Content-Type": "text/plain; charset=utf-8", "Connection": "close", **policy.headers()}
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        answer = h11.Response(status_code=400, headers=pairs, reason=b"Bad Request")
        for event in (answer, h11.Data(data=msg.encode()), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _check(self) -> None:
        """Let go what has not brought a whole request since the last check."""
        if self.transport.is_closing() or self.transport.get_protocol() is not self:  # it became a socket
            return
        waiting = self.cycle is None or self.cycle.response_complete or self.cycle.more_body
        if waiting and self.cycle is self._waited_for:
            self.transport.abort()
            return
        self._waited_for = self.cycle
        self._checking = self.loop.call_later(PATIENCE, self._check)


async def full(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to a new connection when there is no room for it."""
    headers = {**policy.headers(), "Retry-After": str(AGAIN), "Connection": "close"}
    await HTMLResponse(FULL.format(again=AGAIN), 503, headers)(scope, receive, send)


class Server(uvicorn.Server):
    """uvicorn that accepts one connection at a time, and lets the kernel keep a queue of many."""

    def __init__(self, app: Any, queue: int) -> None:
        """`queue`: connections that may wait to be accepted."""
        self._queue = queue
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            proxy_headers=False,  # our door believes only the proxies that were named
            http=Connection,
            ws="websockets-sansio",
            ws_per_message_deflate=False,  # pictures are dense already, and compressing them costs more than sending
            ws_max_size=LARGEST_MESSAGE,
            backlog=1,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port, then say that the server has begun."""
        await super().startup(sockets)
        for listening in sockets or []:
            listening.listen(self._queue)  # asyncio has made it as short as its own loop


def be_impatient(listening: socket.socket, seconds: float = PATIENCE) -> None:
    """Have the kernel end connections, of all that are accepted here, whose other end takes nothing for so long."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux; elsewhere uvicorn's pings end what is a socket
    if option is not None:
        listening.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))
