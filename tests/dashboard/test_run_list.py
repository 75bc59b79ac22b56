"""The list of runs of a long term: found, filtered, turned a page at a time, and never stopped by one folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.config import RunConfig
from core.runs import Runs
from dashboard import pages, services
from dashboard.panels import run_list
from dashboard.services.run_search import Filter, select
from dashboard.texts import catalogue

APP = str(pages.VIEWS.with_name("app.py"))
FUSIONS = ("concat", "tensor", "late_average")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """120 finished runs; the accuracy of run i is i / 1000, and a third of them is of each method."""
    monkeypatch.setattr(services._services, "root", tmp_path)
    monkeypatch.setattr("core.serving.executor.Executor.start", lambda self: None)
    plain = {name: RunConfig.make("interactions", name).to_json() for name in FUSIONS}
    for i in range(120):
        folder = tmp_path / f"{i:012x}"
        folder.mkdir()
        config = {**plain[FUSIONS[i % 3]], "seed": i, "engine": "0.1.0", "created": 1.7e9 + i}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "status.json").write_text(json.dumps({"status": "finished", "step": 1, "epoch": 1.0, "seconds": 1}))
        (folder / "result.json").write_text(json.dumps({"metrics": {"test/accuracy": i / 1000}, "seconds": 1.0}))
    return tmp_path


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run().switch_page("views/runs.py").run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def seeds(app: AppTest) -> list[int]:
    assert not app.exception, app.exception[0].stack_trace
    return list(app.dataframe[0].value["seed"])


def test_a_page_holds_fifty_and_can_be_turned(root: Path) -> None:
    app = opened()
    assert seeds(app) == list(range(119, 69, -1))
    assert any("1–50 of 120" in caption.value for caption in app.caption)
    app.button(key="page_on").click().run()
    app.button(key="page_on").click().run()
    assert seeds(app) == list(range(19, -1, -1)) and app.button(key="page_on").disabled
    app.text_input(key="find").set_value("tensor").run()
    assert seeds(app) == list(range(118, 0, -3)), "a new search begins at its first page"
    app.text_input(key="find").set_value("no such thing").run()
    assert catalogue("en")["runs.none"] in app.info[0].value
    app.button(key="find_clear").click().run()
    assert len(seeds(app)) == 50


def test_filters_and_order(root: Path) -> None:
    Runs(root).set_label("0" * 12, star=True, name="The first lesson")
    app = opened()
    app.selectbox(key="find_method").set_value("concat").run()
    app.selectbox(key="find_sort").set_value("accuracy").run()
    assert seeds(app) == list(range(117, -1, -3))
    app.toggle(key="find_star").set_value(True).run()
    assert seeds(app) == [0] and list(app.dataframe[0].value["name"]) == ["The first lesson"]
    found = Runs(root).summaries()
    assert [i.config["seed"] for i in select(found, Filter(text="FIRST lesson"))] == [0]
    assert [i.config["seed"] for i in select(found, Filter(text=f"{7:012x}"))] == [7]
    assert len(select(found, Filter(dataset="interactions", fusion="tensor"))) == 40
    assert select(found, Filter(state="failed")) == []
    assert [i.config["seed"] for i in select(found, Filter(sort="oldest"))] == list(range(120))


def test_many_that_cannot_be_read_are_one_line_each_kind(root: Path) -> None:
    for i in range(40):
        (root / f"{i:012x}" / "status.json").write_text("{")
    for i in range(40, 70):
        path = root / f"{i:012x}" / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "engine": "0.9.2", "fusion": "telepathy"}))
    app = opened()
    assert len(app.warning) == 1 and "40" in app.warning[0].value
    assert len(app.info) == 1 and "30" in app.info[0].value and "0.9.2" in app.info[0].value
    app.selectbox(key="find_state").set_value("newer").run()
    assert len(app.dataframe[0].value) == 30
    app.button(key="reset").click().run()
    assert any(item.value.startswith("90 run") for item in app.markdown), "those of a newer version stay"


@pytest.mark.parametrize("value", ["1e18", "9" * 401])
@pytest.mark.parametrize("place", ["config.json created", "config.json seed", "status.json seconds"])
def test_one_value_out_of_range_breaks_no_page(place: str, value: str, root: Path) -> None:
    name, field = place.split()
    path = root / f"{119:012x}" / name
    table = {**json.loads(path.read_text()), field: "HERE"}
    path.write_text(json.dumps(table).replace('"HERE"', value))
    assert len(opened().dataframe[0].value) == run_list.PAGE


def test_a_click_reads_no_run_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened()
    read: list[str] = []
    real = run_list.run_table.row
    monkeypatch.setattr("core.runs.index.summarise", lambda *a: read.append("folder"))
    monkeypatch.setattr(run_list.run_table, "row", lambda item: read.append("row") or real(item))
    app.button(key="page_on").click().run()
    assert read == ["row"] * 50


def test_a_damaged_run_of_one_modality_does_not_break_the_playground(root: Path) -> None:
    """Its score stands beside the method's, so the page reads it unasked."""
    from core.runs import run_id

    alone = RunConfig.make("interactions", "only", settings={"fusion.modality": "x1"})
    folder = root / run_id(alone)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(alone.to_json()))
    (folder / "result.json").write_text('{"metrics": []}')
    app = AppTest.from_file(APP, default_timeout=120)
    app.query_params |= {"dataset": "interactions", "fusion": "concat"}
    app.run().switch_page("views/playground.py").run()
    assert not app.exception, app.exception[0].stack_trace
