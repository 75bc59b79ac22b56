"""What the first release wrote is shown: its runs and comparison on the pages, its frames by the routes, its links."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.config.identity import run_id
from core.errors import ConfigError
from core.paths import ASSETS
from core.runs.frames import decode
from dashboard import pages, services
from dashboard.server import routes
from dashboard.server.middleware import middleware
from dashboard.state.compare import CompareState
from dashboard.state.experiment import Experiment
from dashboard.state.link import States, from_link
from dashboard.state.playground import PlaygroundState

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "runs_of_0_1_0"
NAMES = json.loads((FIXTURE / "names.json").read_text(encoding="utf-8"))
LINKS = json.loads((FIXTURE / "links.json").read_text(encoding="utf-8"))
APP = str(pages.VIEWS.with_name("app.py"))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(FIXTURE / "root", tmp_path / "root")
    monkeypatch.setattr(services._services, "root", tmp_path / "root")
    monkeypatch.setattr("core.serving.executor.Executor.start", lambda self: None)
    return tmp_path / "root"


@pytest.fixture
def client(root: Path) -> Iterator[TestClient]:
    app = Starlette(routes=routes(root, ASSETS, lambda run: None), middleware=middleware("testserver"))
    with TestClient(app) as client:
        yield client


def page(view: str, query: dict[str, str]) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    app.switch_page(view).run()
    assert not app.exception, app.exception[0].stack_trace
    return app


@pytest.mark.parametrize("which", ["finished", "stopped"])
def test_the_page_of_runs_lists_and_opens_it(which: str, root: Path) -> None:
    app = page("views/runs.py", {"v": "1", "run": NAMES[which]})
    assert len(app.dataframe[0].value) == 2 + len(NAMES["compared"])
    assert not app.get("error") and not app.get("warning")


def test_the_page_of_comparisons_shows_the_table(root: Path) -> None:
    query = {"v": "1", "dataset": "interactions", "fusions": "concat,late_average", "trials": "3"}
    tiny = {"device": "cpu", "width": 8, "batch_size": 64, "epochs": 2, "data.train_size": 256, "data.test_size": 64}
    query |= {f"set.{name}": str(value) for name, value in tiny.items()}
    choice, notices = from_link(query, pages.kinds())
    assert not notices and compared(choice) == NAMES["comparison"]
    app = page("views/compare.py", query)
    table = json.loads((root / "comparisons" / NAMES["comparison"] / "table.json").read_text(encoding="utf-8"))
    assert len(app.dataframe[0].value) == 4 and all(row["n"] == 3 for row in table["methods"])
    assert app.get("download_button") and not app.get("error") and not app.get("warning")


def test_the_routes_replay_it(client: TestClient) -> None:
    run = NAMES["finished"]
    assert client.get(f"/live/runs/{run}/status").json()["status"] == "finished"
    assert client.get(f"/live/runs/{run}/frames").json()["steps"] == [0, 4, 8, 12]
    for step in (0, 4, 8, 12):
        header, blocks = decode(client.get(f"/live/runs/{run}/frames/{step}").content)
        assert header["step"] == step and blocks["xy/umap"].shape == (2, 64, 2)
    with client.websocket_connect(f"/live/socket?run={run}") as socket:
        types, pictures = set[str](), 0
        while not {"run", "records", "frames", "result", "status"} <= types or not pictures:
            message = socket.receive()
            pictures += message.get("bytes") is not None
            types |= {json.loads(message["text"])["type"]} if message.get("text") else set()


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link["query"].get("fusion", "default"))
def test_a_link_means_what_it_meant(link: dict[str, Any]) -> None:
    choice, notices = from_link(link["query"], pages.kinds())
    assert len(notices) == link["notices"]
    values = {name: value for state in choice.values() for name, value in vars(state).items()}
    shown = {name: values[name] for name in link["shown"]}
    assert {**shown, "fusions": list(shown["fusions"])} == link["shown"]
    configs = choice[Experiment].configs(choice[PlaygroundState].seeds)
    assert [config.to_json() for config in configs] == link["configs"]
    assert [run_id(config) for config in configs] == link["runs"]
    assert compared(choice) == link["comparison"]
    again, _ = from_link(link["link"], pages.kinds())
    assert again == choice, "a link that the first release wrote"


def compared(choice: States) -> str:
    try:
        return choice[CompareState].comparison(choice[Experiment]).id
    except ConfigError as error:
        return error.key
