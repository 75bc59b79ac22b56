"""A reverse proxy on loopback as nginx and JupyterHub are one: a path before ours, stripped or kept, and another Host if wanted."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class PrefixProxy:
    """Serves `prefix`/... from 127.0.0.1:`target`. `outside` are the paths that were asked for elsewhere: a hub would answer."""

    target: int
    prefix: str
    keep: bool = False
    host: str = ""  # what is sent on as Host; "" for the browser's
    more: tuple[str, ...] = ()  # header lines besides
    sockets: bool = True  # False: drops the wish for another protocol, as a proxy does that was not told
    port: int = 0
    end: Callable[[], object] = lambda: None
    outside: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.pass_on(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the last: at the end, and the stream's own callback would complain
        finally:
            writer.close()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip().split("\r\n")
        method, path, version = first.split(" ")
        if not path.startswith(f"{self.prefix}/"):
            self.outside.append(path)
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhub")
            return
        path = path if self.keep else path.removeprefix(self.prefix)
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            back.write("\r\n".join([f"{method} {path} {version}", *self.headers(lines), "", ""]).encode("latin-1"))
            await asyncio.gather(pipe(reader, back), pipe(there, writer))
        finally:
            back.close()

    def headers(self, lines: list[str]) -> list[str]:
        pairs = [line.split(":", 1) for line in lines]
        upgrade = self.sockets and any(name.lower() == "upgrade" for name, _ in pairs)
        dropped = {"host"} if self.host else set()
        dropped |= set() if upgrade else {"connection", "upgrade"}
        kept = [f"{name}:{value}" for name, value in pairs if name.lower() not in dropped]
        return kept + [f"Host: {self.host}"] * bool(self.host) + ["Connection: close"] * (not upgrade) + list(self.more)


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def serving(proxy: PrefixProxy) -> Iterator[PrefixProxy]:
    """The proxy, at work in a thread of its own."""
    ready, over = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(proxy.answer, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        proxy.end = functools.partial(asyncio.get_running_loop().call_soon_threadsafe, over.set)
        ready.set()
        await over.wait()
        server.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)  # which cancels what still goes on
    thread.start()
    assert ready.wait(5)
    try:
        yield proxy
    finally:
        proxy.end()
        thread.join(5)
