"""Connections that do nothing, and more of them than there are handles: against the real server, by raw sockets."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.config import RunConfig
from core.runs import Runs, store
from dashboard.server import connections, seats

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and options of POSIX systems")
ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import os, resource, sys
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from dashboard import port
from dashboard.server import connections, routes, seats
root, handles, patience = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles))
connections.PATIENCE = patience
listening = port.open_port("127.0.0.1", 0)
connections.be_impatient(listening, patience)
print(listening.getsockname()[1], flush=True)
found = routes(root, root, lambda run: None)
live = next(route.app for route in found if route.path == "/live/socket")
async def count(request):
    return JSONResponse({"seats": len(live.seats), "left": seats.handles_left()})
connections.Server(Starlette(routes=[*found, Route("/count", count)]), port.BACKLOG).run(sockets=[listening])
"""


class Served:
    """The server's process, and what it says of itself."""

    def __init__(self, root: Path, handles: int, patience: float) -> None:
        self.clients: list[socket.socket] = []
        self.folder, _ = Runs(root).open(RunConfig.make("interactions"))
        self.log = root / "server.log"
        command = [sys.executable, "-c", SERVER, str(root), str(handles), str(patience)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        until(self.count)

    def count(self) -> dict[str, int]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/count", timeout=10) as answer:
                return dict(json.load(answer))
        except OSError:
            return {}

    def connect(self, buffer: int = 0) -> socket.socket:
        client = socket.socket()
        self.clients.append(client)
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.settimeout(20)
        client.connect(("127.0.0.1", self.port))
        return client

    def watch(self, buffer: int = 0) -> socket.socket:
        """A socket that asks for the run; nothing is read yet."""
        client = self.connect(buffer)
        lines = [
            f"GET /live/socket?run={self.folder.name} HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ]
        client.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return client

    def end(self) -> None:
        for client in self.clients:
            client.close()
        self.process.kill()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[int, float], Served]]:
    running: list[Served] = []

    def start(handles: int, patience: float) -> Served:
        running.append(Served(tmp_path, handles, patience))
        return running[-1]

    yield start
    for served in running:
        served.end()


def until(condition: Callable[[], object], seconds: float = 30) -> object:
    begun = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - begun < seconds
        time.sleep(0.05)
    return found


def read(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = client.recv(size - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


def frames(client: socket.socket) -> Iterator[tuple[int, bytes]]:
    """(opcode, payload) of each message from the server, the handshake left out."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read(client, 1)
    assert b" 101 " in head.splitlines()[0], head
    while True:
        first, second = read(client, 2)
        size = second & 127
        if size > 125:
            form = ">H" if size == 126 else ">Q"
            (size,) = struct.unpack(form, read(client, struct.calcsize(form)))
        yield first & 15, read(client, size)


def closing(client: socket.socket) -> int:
    """The code that the server closes with."""
    return next(struct.unpack(">H", payload[:2])[0] for opcode, payload in frames(client) if opcode == 8)


def test_who_never_sends_or_never_reads_is_let_go(serve: Callable[[int, float], Served]) -> None:
    served = serve(1024, 1.0)
    silent, slow, fine = served.connect(), served.connect(), served.watch()
    slow.sendall(b"GET / HTTP/1.1\r\nHost: local")
    deaf = [served.watch(buffer=4096) for _ in range(3)]
    messages = frames(fine)
    until(lambda: served.count().get("seats") == 4)
    for client in (silent, slow):
        assert client.recv(1) == b"", "no request within its time"
    picture = os.urandom(2_000_000)
    begun = time.monotonic()
    step = 0
    while served.count().get("seats") != 1:
        assert time.monotonic() - begun < 30
        step += 1
        store.write_atomic(store.frame_path(served.folder, "projection", step), picture)
        while next(messages)[0] != 2:
            pass
    left = served.count()["left"]
    for client in deaf:
        client.close()
    until(lambda: abs(served.count()["left"] - left) <= 1)
    served.folder.joinpath("metrics.jsonl").write_text('{"step": 1}\n')
    assert next(text for opcode, text in messages if opcode == 1 and b"records" in text), "who reads goes on"


def test_with_few_handles_some_are_served_and_the_others_are_told(serve: Callable[[int, float], Served]) -> None:
    served = serve(256, 60.0)
    viewers = [served.watch() for _ in range(130)]
    until(lambda: served.count().get("seats") == 130)
    crowd = [served.watch() for _ in range(90)]
    message = [closing(client) for client in crowd[-15:]]
    assert set(message) == {4429}
    served.folder.joinpath("metrics.jsonl").write_text('{"step": 1}\n')
    for client in viewers:
        assert next(text for opcode, text in frames(client) if opcode == 1 and b"records" in text)
    for client in [*viewers, *crowd]:
        client.close()
    until(lambda: served.count().get("seats") == 0)
    again = served.watch()
    assert next(text for opcode, text in frames(again) if b"config" in text), "and afterwards all is as before"


def test_with_no_handle_left_the_loop_goes_on_and_says_it_seldom(serve: Callable[[int, float], Served]) -> None:
    served = serve(64, 60.0)
    viewer = served.watch()
    messages = frames(viewer)
    next(messages)
    crowd = [served.connect() for _ in range(80)]
    begun = time.monotonic()
    served.folder.joinpath("metrics.jsonl").write_text('{"step": 1}\n')
    while time.monotonic() - begun < 1.3:
        time.sleep(0.1)
    for client in crowd:
        client.close()
    assert next(text for opcode, text in messages if opcode == 1 and b"records" in text)
    until(served.count)
    assert served.log.read_text().count("out of system resource") < 20


def test_a_new_page_without_room_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.testclient import TestClient

    answer = TestClient(connections.full).get("/")
    assert answer.status_code == 503 and "tries again in 10 seconds" in answer.text and "重试" in answer.text
    assert answer.headers["retry-after"] == "10" and "default-src" in answer.headers["content-security-policy"]


def test_limits_of_handles_are_raised_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    left = seats.handles_left()
    with Path(os.devnull).open():
        assert seats.handles_left() == left - 1
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, before[1]))
        seats.raise_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_sockets_are_pinged_so_that_a_minute_is_enough() -> None:
    config = connections.Server(None, 10).config
    assert config.ws_ping_interval and config.ws_ping_timeout
    assert config.ws_ping_interval + config.ws_ping_timeout <= connections.PATIENCE and config.backlog == 1
