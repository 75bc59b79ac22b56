"""Nobody waits for a slow folder, a moment of want ends no watcher, and nobody takes more than their part."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.errors import RunError
from core.paths import ASSETS
from core.runs import store
from dashboard.server import folder_poller, routes, seats
from dashboard.server.folder_poller import FolderPoller
from dashboard.server.lanes import MOST_LANES, Lanes, Watch
from dashboard.server.pollers import Pollers
from dashboard.server.seats import Seats
from dashboard.server.socket import CROWDED, TOO_MUCH, Socket, _Client
from tests.dashboard.test_routes import hear

ABSENT = "0123456789ab"


@pytest.fixture
def root(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / finished.name)
    return tmp_path


@pytest.fixture
def run(finished: Path) -> str:
    return finished.name


def serving(root: Path, position: Any = lambda run: None, problem: Any = lambda run: None) -> TestClient:
    async def loop_thread(request: Any) -> Any:
        from starlette.responses import PlainTextResponse

        return PlainTextResponse(str(threading.get_ident()))

    return TestClient(Starlette(routes=[*routes(root, ASSETS, position, problem), Route("/thread", loop_thread)]))


@pytest.fixture
def client(root: Path) -> Iterator[TestClient]:
    with serving(root) as client:
        yield client


def until(condition: Callable[[], object], seconds: float = 60) -> object:
    begun = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - begun < seconds
        time.sleep(0.005)
    return found


def test_the_event_loop_never_touches_a_run(root: Path, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    touched: dict[int, set[str]] = {}
    for name in ("stat", "lstat", "open", "listdir", "scandir"):
        real = getattr(os, name)

        def guard(path: Any = ".", *values: Any, real: Any = real, name: str = name, **more: Any) -> Any:
            if str(root) in str(path) or more.get("dir_fd") is not None:
                touched.setdefault(threading.get_ident(), set()).add(name)
            return real(path, *values, **more)

        monkeypatch.setattr(os, name, guard)
    with serving(root) as client, client.websocket_connect(f"/live/socket?run={run}") as socket:
        assert hear(socket, "status")["status"] == "finished"
        with (root / run / "metrics.jsonl").open("a") as file:
            file.write('{"step": 9}\n')
        hear(socket, "records")
        assert client.get(f"/live/runs/{run}/frames").status_code == 200
        assert client.get(f"/live/runs/{run}/status").json()["status"] == "finished"
        loop = int(client.get("/thread").text)
    watching = [thread for thread in touched if thread != threading.get_ident()]
    assert watching and loop not in touched


class Slow:
    """A poller whose look waits until it is let go."""

    running = True

    def __init__(self) -> None:
        self.begun, self.free, self.looks = threading.Event(), threading.Event(), 0

    def look(self) -> Any:
        self.looks += 1
        self.begun.set()
        self.free.wait(30)
        return folder_poller._NOTHING


def test_a_slow_folder_keeps_its_lane_and_nobody_else() -> None:
    lanes, slow = Lanes(), [Slow() for _ in range(MOST_LANES + 2)]
    quick = Slow()
    quick.free.set()
    watches = [Watch(one, lambda news: None) for one in (slow[0], quick)]  # type: ignore[arg-type]
    for watch in watches:
        lanes.add(watch)
    assert slow[0].begun.wait(10)

    def goes_on() -> bool:
        lanes.part()
        return quick.looks > 20

    until(goes_on)
    for one in slow[1:]:
        lanes.add(Watch(one, lambda news: None))  # type: ignore[arg-type]
        until(lambda one=one: one.begun.wait(0.3) or lanes.part() or len(lanes._lanes) == MOST_LANES)
    assert len(lanes._lanes) <= MOST_LANES, "slow disks do not become a thread each"
    for one in slow:
        one.free.set()
    until(lambda: all(one.looks for one in slow))
    for watch in list(lanes._where):
        lanes.remove(watch)
    assert len(lanes) == 0


def test_a_look_that_fails_is_made_again_later_and_later() -> None:
    news: list[Any] = []

    class Broken(Slow):
        def look(self) -> Any:
            self.looks += 1
            if self.looks <= 3:
                raise MemoryError
            return folder_poller._NOTHING

    watch = Watch(Broken(), news.append)  # type: ignore[arg-type]
    pauses = []
    for _ in range(4):
        watch.look()
        pauses.append(watch.due - time.monotonic())
    assert pauses[0] < pauses[1] < pauses[2] and watch.failures == 0
    assert [isinstance(item, MemoryError) for item in news] == [True, True, True, False], "that it is over is told, too"


def test_a_moment_without_handles_is_told_and_loses_nothing(
    client: TestClient, root: Path, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    want = threading.Event()
    real = store.read_from

    def read_from(path: Path, offset: int) -> Any:
        if want.is_set():
            raise RunError("broken_run", name=run, reason="x") from OSError(errno.EMFILE, "Too many open files")
        return real(path, offset)

    monkeypatch.setattr(store, "read_from", read_from)
    with client.websocket_connect(f"/live/socket?run={run}") as socket:
        hear(socket, "status")
        want.set()
        with (root / run / "metrics.jsonl").open("a") as file:
            file.write('{"step": 9}\n')
        trouble = hear(socket, "trouble")
        assert trouble["what"] == "reading" and "open files" in trouble["reason"]
        want.clear()
        assert hear(socket, "records")["text"] == '{"step": 9}\n'
        assert hear(socket, "trouble")["what"] is None


@pytest.mark.parametrize("name", ["read_status", "read_result", "steps"])
def test_any_part_of_a_look_may_fail_for_a_moment(
    name: str, root: Path, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / run / "projection").mkdir(exist_ok=True)
    real, want = getattr(store, name), [True]

    def failing(*values: Any) -> Any:
        if want[0]:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        return real(*values)

    monkeypatch.setattr(store, name, failing)
    poller = FolderPoller(root, run, lambda run: None, lambda run: None)
    first = poller.look()
    assert isinstance(first.trouble, OSError) and first.text, "the others go on"
    want[0] = False
    second = poller.look()
    assert second.trouble is None and not second.text, "what was told is not told again"
    message = {"read_status": second.status, "read_result": second.result, "steps": second.steps}
    assert message[name] is not None


def test_what_goes_wrong_with_sending_is_said_and_sending_goes_on(
    client: TestClient, root: Path, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = _Client._records, []

    async def failing(self: _Client) -> None:
        tries.append(1)
        if len(tries) <= 2:
            raise KeyError("ours")
        await real(self)

    monkeypatch.setattr(_Client, "_records", failing)
    with client.websocket_connect(f"/live/socket?run={run}") as socket:
        assert hear(socket, "trouble")["what"] == "sending"
        assert hear(socket, "records")["text"] and hear(socket, "status")["status"] == "finished"
        assert hear(socket, "trouble")["what"] is None


def test_a_run_whose_folder_is_being_made_is_waited_for(root: Path, finished: Path) -> None:
    waits = [True]
    position = lambda run: {"position": 7, "seconds": None} if waits[0] and run == ABSENT else None  # noqa: E731
    with serving(root, position) as client, client.websocket_connect(f"/live/socket?run={ABSENT}") as socket:
        status = hear(socket, "status")
        assert status["status"] == "queued" and status["place"]["position"] == 7
        shutil.copytree(finished, root / ABSENT)
        assert hear(socket, "run")["run"] == ABSENT and hear(socket, "status")["status"] == "finished"
    waits[0] = False
    with serving(root, position) as client, client.websocket_connect(f"/live/socket?run={'f' * 12}") as socket:
        assert hear(socket, "gone")["reason"] == "unknown"


def test_why_pictures_do_not_come_is_passed_on(root: Path, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_poller, "RECHECK", 0.05)
    down: list[Any] = [{"error": "projector_ended", "message": "ended", "values": {}}]
    with (
        serving(root, problem=lambda run: down[0]) as client,
        client.websocket_connect(f"/live/socket?run={run}") as socket,
    ):
        assert hear(socket, "pictures")["problem"]["error"] == "projector_ended"
        down[0] = None
        assert hear(socket, "pictures")["problem"] is None
        store.write_json(root / run / "picture_problem.json", {"error": "x", "message": "its own"})
        assert hear(socket, "pictures")["problem"]["message"] == "its own"


def test_a_visitor_has_so_many_sockets_and_an_address_more() -> None:
    room = Seats(each_visitor=2, each_address=130, everybody=200)
    mine: dict[str, Any] = {"state": {"visitor": "me"}, "client": ("10.0.0.1", 1)}
    taken = [room.take(mine) for _ in range(3)]
    assert taken[1] and taken[2] is None
    room.free(taken[0] or "")
    assert room.take(mine)
    bare = [room.take({"client": ("10.0.0.1", port)}) for port in range(131)]
    assert all(bare[:130]) and bare[130] is None, "130 viewers behind one address pass"
    others = [room.take({"state": {"visitor": str(name)}}) for name in range(100)]
    assert sum(map(bool, others)) == 200 - 132 and len(room) == 200
    for name in [*bare[:130], *filter(None, others)]:
        room.free(name or "")
    assert len(room) == 2 and set(room._taken) == {"visitor me"}


@pytest.mark.parametrize("cause", ["seats", "handles"])
def test_who_finds_no_seat_is_told(cause: str, root: Path, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Seats(each_address=1)
    app = Starlette(routes=[WebSocketRoute("/live/socket", Socket(Pollers(root, lambda run: None), room))])
    with TestClient(app) as client, client.websocket_connect(f"/live/socket?run={run}") as first:
        hear(first, "status")
        if cause == "handles":
            room.each_address = 100
            monkeypatch.setattr(seats, "handles_left", lambda: 3)
        with (
            client.websocket_connect(f"/live/socket?run={run}") as second,
            pytest.raises(WebSocketDisconnect) as closed,
        ):
            second.receive_json()
        assert closed.value.code == CROWDED and "tries again" in closed.value.reason
        with (root / run / "metrics.jsonl").open("a") as file:
            file.write('{"step": 9}\n')
        assert hear(first, "records")["text"], "those who are in go on"
    until(lambda: len(room) == 0)


def test_a_client_that_talks_is_let_go(client: TestClient, run: str) -> None:
    with client.websocket_connect(f"/live/socket?run={run}") as socket:
        hear(socket, "status")
        for _ in range(30):
            socket.send_text("x")
        with pytest.raises(WebSocketDisconnect) as closed:
            while True:
                socket.receive_json()
        assert closed.value.code == TOO_MUCH
