"""What may be sent to us with a request: next to nothing, and no files. The app has nothing to upload, and Streamlit keeps
what it is sent in memory, whoever sent it."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

UPLOADS = "/_stcore/upload_file"
MOST = 64 * 1024  # bytes
PATIENCE = 10.0  # seconds for all of it


class Body:
    """Reads a request's body before anything else sees the request."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        self._announced = headers.get("content-length", "0")
        self._has_one = "content-length" in headers or "transfer-encoding" in headers
        self._receive = receive
        self._read: list[Message] = []

    async def read(self) -> bool:
        """Whether it is small enough and came in time."""
        if not self._has_one:
            return True
        if not self._announced.isdecimal() or len(self._announced) > 9 or int(self._announced) > MOST:
            return False
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._collect()
        except TimeoutError:
            return False

    async def _collect(self) -> bool:
        size = 0
        while True:
            message = await self._receive()
            self._read.append(message)
            size += len(message.get("body", b""))
            if size > MOST:
                return False
            if message["type"] != "http.request" or not message.get("more_body"):
                return True

    async def receive(self) -> Message:
        """What was read, then whatever comes."""
        return self._read.pop(0) if self._read else await self._receive()
