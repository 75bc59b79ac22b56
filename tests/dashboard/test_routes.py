"""Our routes give what lies in run folders and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.paths import ASSETS
from core.runs import store
from core.runs.frames import decode
from dashboard.server import routes
from dashboard.server.middleware import middleware


@pytest.fixture(scope="module")
def painted(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with its pictures."""
    from core.serving.projector import project_run

    folder = tmp_path_factory.mktemp("painted") / finished.name
    shutil.copytree(finished, folder)
    project_run(folder)
    return folder


@pytest.fixture
def root(painted: Path, tmp_path: Path) -> Path:
    """A runs folder with one finished, painted run."""
    shutil.copytree(painted, tmp_path / painted.name)
    (tmp_path / "secret.json").write_text("{}")
    return tmp_path


@pytest.fixture
def client(root: Path) -> Iterator[TestClient]:
    app = Starlette(routes=routes(root, ASSETS, lambda run: None), middleware=middleware("testserver"))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def run(finished: Path) -> str:
    return finished.name


def test_documents_of_a_run(client: TestClient, run: str) -> None:
    assert client.get(f"/live/runs/{run}/config").json()["id"] == run
    assert client.get(f"/live/runs/{run}/status").json()["status"] == "finished"
    assert len(client.get(f"/live/runs/{run}/metrics").text.splitlines()) > 2
    steps = client.get(f"/live/runs/{run}/frames").json()["steps"]
    header, blocks = decode(client.get(f"/live/runs/{run}/frames/{steps[-1]}").content)
    assert header["step"] == steps[-1] and blocks["xy/umap"].shape == (2, 64, 2)


@pytest.mark.parametrize(
    "path",
    [
        "/live/runs/..%2f..%2fetc/config",
        "/live/runs/0123456789ab/config",
        "/live/runs/secret.json/config",
        "/live/runs/{run}/secret",
        "/live/runs/{run}/frames/..%2f..%2fconfig.json",
        "/live/runs/{run}/frames/-1",
        "/live/runs/{run}/frames/999999",
        "/live/static/x/..%2f__init__.py",
        "/live/static/x/codec.py",
        "/live/samples/../../index.json",
        "/live/samples/0123456789ab/..%2findex.json",
        "/live/samples/0123456789ab/index.json",
    ],
)
def test_what_is_not_there_or_not_allowed_is_404(client: TestClient, run: str, path: str) -> None:
    answer = client.get(path.format(run=run))
    assert answer.status_code == 404 and answer.headers["x-content-type-options"] == "nosniff"


def test_modules_are_served_for_ever_under_their_version(client: TestClient) -> None:
    answer = client.get("/live/static/abc/codec.js")
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]


def test_metrics_of_the_server_are_for_this_machine_alone(root: Path) -> None:
    app = Starlette(routes=routes(root, ASSETS, lambda run: None), middleware=middleware("testserver"))
    with TestClient(app, client=("192.168.1.7", 5000)) as stranger:
        assert stranger.get("/_stcore/metrics").text == "not found"


def hear(socket, wanted: str) -> dict:
    """Messages until one of this type."""
    while True:
        message = socket.receive()
        if message.get("text") and (body := json.loads(message["text"]))["type"] == wanted:
            return body


def test_the_socket_tells_everything_of_a_finished_run(client: TestClient, run: str) -> None:
    with client.websocket_connect(f"/live/socket?run={run}") as socket:
        assert hear(socket, "run")["probe"]["classes"]
        header, _ = decode(socket.receive_bytes())
        assert header["step"] == 8
        assert len(hear(socket, "records")["text"].splitlines()) > 2
        assert hear(socket, "frames")["steps"] == [0, 4, 8]
        assert hear(socket, "result")["parameters"] > 0
        assert hear(socket, "status")["status"] == "finished"


def test_news_are_pushed(client: TestClient, root: Path, run: str) -> None:
    with client.websocket_connect(f"/live/socket?run={run}") as socket:
        hear(socket, "status")
        with (root / run / "metrics.jsonl").open("a") as file:
            file.write('{"step": 9}\n{"half')
        assert hear(socket, "records")["text"] == '{"step": 9}\n'
        store.write_atomic(root / run / "metrics.jsonl", b'{"step": 0}\n')
        again = hear(socket, "records")
        assert again["reset"] and again["text"] == '{"step": 0}\n'


def test_a_deleted_run_is_gone(client: TestClient, root: Path, run: str) -> None:
    with client.websocket_connect(f"/live/socket?run={run}") as socket:
        hear(socket, "status")
        store.remove(root / run)
        assert hear(socket, "gone")["reason"] == "deleted"


def test_a_run_that_never_was_is_gone(client: TestClient) -> None:
    with client.websocket_connect("/live/socket?run=0123456789ab") as socket:
        assert hear(socket, "gone")["reason"] == "unknown"


@pytest.mark.parametrize("query", ["", "?run=../../etc", "?run=0123456789AB", "?run=%2e%2e"])
def test_a_bad_run_id_is_refused(client: TestClient, query: str) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"/live/socket{query}"):
        pass


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://testserver.evil.example"])
def test_a_foreign_origin_is_refused(client: TestClient, run: str, origin: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(f"/live/socket?run={run}", headers={"origin": origin}),
    ):
        pass


def test_our_own_origin_is_welcome(client: TestClient, run: str) -> None:
    with client.websocket_connect(f"/live/socket?run={run}", headers={"origin": "http://testserver"}) as socket:
        assert hear(socket, "run")


def test_a_dead_writer_shows_as_stopped(client: TestClient, root: Path, run: str) -> None:
    with client.websocket_connect(f"/live/socket?run={run}") as socket:
        hear(socket, "status")
        with store.writing(root / run):
            store.write_json(root / run / "status.json", {"status": "running", "step": 1})
            assert hear(socket, "status")["status"] == "running"
        assert hear(socket, "status")["status"] == "stopped"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8501", "192.168.1.7:8501", "[::1]:8501", "localhost", "LOCALHOST.", "[::1]"]
)
def test_our_own_names_are_answered(client: TestClient, run: str, host: str) -> None:
    assert client.get(f"/live/runs/{run}/config", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "strange.example",
        "strange.example:8501",
        "127.0.0.1.strange.example",
        "localhost.example.",
        "class-pc",
        "pc.local",
    ],
)
def test_a_strangers_name_for_this_machine_is_refused(client: TestClient, run: str, host: str) -> None:
    assert client.get(f"/live/runs/{run}/config", headers={"host": host}).status_code == 421
    named = {"host": host, "origin": f"http://{host}"}
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"/live/socket?run={run}", headers=named):
        pass
    app = Starlette(
        routes=routes(Path("/nowhere"), ASSETS, lambda run: None), middleware=middleware(host.split(":")[0].rstrip("."))
    )
    assert TestClient(app).get("/live/none", headers={"host": host}).status_code == 404
