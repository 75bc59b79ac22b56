"""The port is taken once, and what it accepts sends small packets at once."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.port import open_port


def test_connections_hold_no_small_packet_back() -> None:
    async def accepted_option() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            own = writer.get_extra_info("socket")
            found.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = open_port("127.0.0.1", 0)
        async with await asyncio.start_server(take, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            option = await found
            writer.close()
        return option

    with ThreadPoolExecutor(1) as thread:  # the tests' own thread may have the browser's loop
        assert thread.submit(asyncio.run, accepted_option()).result()


def test_a_port_is_taken_from_the_start() -> None:
    with open_port("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        open_port("127.0.0.1", first.getsockname()[1])
