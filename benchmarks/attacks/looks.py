"""Ways in which the program looks at a folder of runs, one of which is damaged. Each raises when it breaks."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.__main__ import main
from core.compare.comparison import Comparison
from core.compare.files import place
from core.compare.table import table
from core.config import RunConfig
from core.errors import FusionariumError
from core.paths import ASSETS, LAYOUT
from core.runs import Runs, run_id, store
from core.serving.executor import Executor
from core.serving.local_pool import LocalPool
from core.training.recorder import record
from dashboard import services
from dashboard.server import routes

SECRETS = ("root:x:", "Traceback")
LONGEST = 2000  # signs of a sentence
SETTINGS = {"epochs": 2, "data.train_size": 256, "data.test_size": 64, "width": 16, "batch_size": 64}


@dataclass(frozen=True)
class Scene:
    """A runs folder, the damaged run in it and a whole one."""

    root: Path
    sick: str
    well: str


def _command(*argv: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(argv)
    said = out.getvalue() + err.getvalue()
    said.encode()
    assert not any(secret in said for secret in SECRETS), said[:500]
    return code, out.getvalue(), err.getvalue()


def listed(scene: Scene) -> None:
    """`core runs`: the whole run is there, no line is endless."""
    code, out, _ = _command("runs", "--runs", str(scene.root))
    assert code == 0 and scene.well in out and max(map(len, out.splitlines())) < LONGEST


def listed_as_json(scene: Scene) -> None:
    """`core runs --json`: JSON that another language reads."""
    code, out, _ = _command("runs", "--json", "--runs", str(scene.root))
    found = {item["run"]: item for item in json.loads(out, parse_constant=_no_constant)}
    assert code == 0 and found[scene.well]["status"] == "finished"


def shown(scene: Scene) -> None:
    """`core show`: the run, or one sentence; the other run as ever."""
    code, _, err = _command("show", scene.sick, "--runs", str(scene.root))
    assert code == 0 or (code == 2 and len(err.strip().splitlines()) == 1 and len(err) < LONGEST), err[:500]
    assert _command("show", scene.well, "--json", "--runs", str(scene.root))[0] == 0


def on_the_page(scene: Scene) -> None:
    """The page of runs: without a choice, and with the damaged run opened."""
    from streamlit.testing.v1 import AppTest

    with mock.patch.object(services._services, "root", scene.root), mock.patch.object(Executor, "start"):
        for run in ("", scene.sick):
            app = AppTest.from_file(str(LAYOUT.packages / "dashboard" / "app.py"), default_timeout=25)
            if run:
                app.query_params["run"] = run
            app.run().switch_page("views/runs.py").run()
            assert not app.exception, app.exception[0].value
            said = [element.value for kind in (app.error, app.warning, app.info) for element in kind]
            assert all(len(str(text)) < LONGEST for text in said), "an endless sentence"


def trained_beside(scene: Scene) -> None:
    """The server's start, and another run that is submitted."""
    executor = Executor(scene.root, pool=LocalPool(1, launch=mock.Mock(side_effect=OSError)))  # no process
    executor.start()
    run = executor.submit(RunConfig.make("interactions", "sum", settings=SETTINGS), "somebody").run
    until = time.monotonic() + 20
    while not store.is_own_file(scene.root / run / "config.json"):
        assert time.monotonic() < until, "the other run was never begun"
        time.sleep(0.01)
    Runs(scene.root).check_room()
    executor.close()
    Runs(scene.root).delete(run)


def watched(scene: Scene) -> None:
    """A socket of it, and one of the other run, which says "finished"."""
    with TestClient(_app(scene)) as client:
        with contextlib.suppress(Exception), client.websocket_connect(f"/live/socket?run={scene.sick}") as socket:
            for _ in range(3):
                message = socket.receive()
                json.loads(message["text"]) if message.get("text") else None
                if message["type"] == "websocket.close":
                    break
        with client.websocket_connect(f"/live/socket?run={scene.well}") as socket:
            while (said := socket.receive()).get("type") == "websocket.send":
                if said.get("text") and json.loads(said["text"]).get("status") == "finished":
                    return
    raise AssertionError("the other run's socket did not say that it is finished")


def served(scene: Scene) -> None:
    """All routes of it: 200 or 404, nothing from elsewhere."""
    with TestClient(_app(scene), raise_server_exceptions=True) as client:
        for what in ("config", "status", "probe", "result", "metrics", "thumb", "frames", "frames/4", "frames/40"):
            answer = client.get(f"/live/runs/{scene.sick}/{what}")
            assert answer.status_code in (200, 404), (what, answer.status_code)
            assert b"root:" not in answer.content and len(answer.content) < 10_000_000, what
        assert client.get(f"/live/runs/{scene.well}/status").json()["status"] == "finished"


def compared(scene: Scene) -> None:
    """The table of a comparison with it: the other seed counts."""
    comparison = Comparison.make("interactions", ("concat", "sum"), "", 3, dict(SETTINGS))
    (place(scene.root, comparison)).mkdir(parents=True, exist_ok=True)
    with mock.patch("core.compare.table._lines", lambda *a: {}):
        found = table(comparison, Runs(scene.root))
    json.dumps(found, allow_nan=False)
    row = next(row for row in found["methods"] if row["name"] == "concat")
    assert scene.well in row["runs"].values() and row["n"] >= 1, row


def gone_on_with(scene: Scene) -> None:
    """Asked for again: it is there, goes on or starts over, and ends with a status."""
    config = RunConfig.make("interactions", "concat", settings=SETTINGS)
    assert run_id(config) == scene.sick
    try:
        folder, action = Runs(scene.root).open(config)
        status = {"status": "finished"} if action == "reuse" else list(record(folder))[-1]
    except FusionariumError as error:
        assert len(str(error)) < LONGEST
        return
    assert status["status"] == "finished" or (status.get("error") and len(status["message"]) < LONGEST), status


def labelled_and_deleted(scene: Scene) -> None:
    """Named, starred, deleted: it goes, or a sentence says why not."""
    runs = Runs(scene.root)
    for work in (lambda: runs.set_label(scene.sick, name="mine", star=True), lambda: runs.delete(scene.sick)):
        with contextlib.suppress(FusionariumError):
            work()
    assert not store.is_own_file(scene.root / scene.sick / "config.json")
    assert os.path.isfile("/etc/passwd") and runs.summary(scene.root / scene.well).problem is None


def _no_constant(text: str) -> float:
    raise AssertionError(f"{text} is no JSON")


def _app(scene: Scene) -> Starlette:
    return Starlette(routes=routes(scene.root, ASSETS, lambda run: None))


LOOKS: dict[str, Callable[[Scene], None]] = {
    "core runs": listed,
    "core runs --json": listed_as_json,
    "core show": shown,
    "page of runs": on_the_page,
    "training beside it": trained_beside,
    "socket": watched,
    "routes": served,
    "comparison": compared,
    "going on": gone_on_with,
    "label and delete": labelled_and_deleted,
}
