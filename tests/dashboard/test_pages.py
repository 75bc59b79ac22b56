"""Every page opens, in both languages, whatever lies in the runs folder and in the link."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.testing.v1 import AppTest

from core import catalog
from core.compare import advice, estimates
from core.compare.comparison import Comparison
from core.config import RunConfig
from core.errors import RunError
from core.runs import Runs, run_id, store
from core.serving.tasks import advice_task
from dashboard import pages, permissions, services
from dashboard.panels import training
from dashboard.services.training import command_line, python_lines
from dashboard.state.compare import CompareState
from dashboard.state.experiment import Experiment
from dashboard.state.link import to_link
from dashboard.state.playground import PlaygroundState
from dashboard.texts import catalogue
from tests.conftest import SMALL, small_config

APP = str(pages.VIEWS.with_name("app.py"))
PAGES = [page.name for page in pages.PAGES]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder; no worker is started by looking at pages."""
    monkeypatch.setattr(services._services, "root", tmp_path)
    monkeypatch.setattr("core.serving.executor.Executor.start", lambda self: None)
    return tmp_path


def page(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    for key, value in query.items():
        app.query_params[key.replace("__", ".")] = value
    app.run()
    if name != PAGES[0]:
        app.switch_page(f"views/{name}.py").run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def page_text(app: AppTest) -> str:
    return " ".join(item.value for kind in ("warning", "error", "info") for item in app.get(kind))


@pytest.mark.parametrize("name", PAGES[1:])
def test_the_choices_reach_the_browser_before_the_page_s_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it keeps an address without them, and Back goes to the defaults (seen where the two came one by one)."""
    app, kinds = page(PAGES[0]), []
    enqueue = ForwardMsgQueue.enqueue
    monkeypatch.setattr(
        ForwardMsgQueue, "enqueue", lambda self, m: (kinds.append(m.WhichOneof("type")), enqueue(self, m))
    )
    app.query_params.clear()  # as the browser sends a click on another page
    app.switch_page(f"views/{name}.py").run()
    assert [kind for kind in kinds if kind in ("page_info_changed", "navigation")] == [
        "page_info_changed",
        "navigation",
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_an_empty_folder(name: str, lang: str) -> None:
    app = page(name, lang=lang)
    if name != "start":
        key = {"playground": "playground.empty", "compare": "compare.empty", "runs": "runs.empty"}[name]
        assert catalogue(lang)[key] in page_text(app) + " ".join(caption.value for caption in app.caption)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_finished_and_broken_runs(name: str, lang: str, finished: Path, root: Path) -> None:
    shutil.copytree(finished, root / finished.name)
    shutil.copytree(finished, root / "0123456789ab")
    (root / "0123456789ab" / "status.json").write_text("{")
    app = page(name, lang=lang, run=finished.name)
    if name == "runs":
        assert len(app.dataframe[0].value) == 2 and "0123456789ab" in page_text(app)
        assert "python -m core train" in app.code[0].value


def test_a_deleted_run_gets_a_sentence() -> None:
    assert "0123456789ab" in page_text(page("runs", run="0123456789ab"))


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"dataset": "nope"}, "nope"),
        ({"fusion": "nope"}, "nope"),
        ({"objective": "nope"}, "nope"),
        ({"fusion": "late_vote", "objective": "infonce"}, "late_vote"),
        ({"set__batch_size": "0"}, "batch_size"),
        ({"set__nothing": "1"}, "nothing"),
        ({"seeds": "2"}, "2"),
        ({"seeds": "\u00b2"}, "\u00b2"),
        ({"set__seconds": "soon", "set__epochs": "3"}, "soon"),
        ({"run": "../../etc"}, "etc"),
        ({"v": "99"}, "99"),
        ({"lang": "xx"}, "xx"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_value_in_a_link_gets_a_sentence(query: dict[str, str], word: str) -> None:
    app = AppTest.from_file(APP, default_timeout=120)
    for key, value in query.items():
        app.query_params[key.replace("__", ".")] = value
    app.run()
    assert not app.exception and any(word in item.value for item in app.warning)


def test_a_link_is_an_experiment() -> None:
    settings = {"fusion.rank": 5, "seed": 7}
    wanted = {kind: kind() for kind in pages.kinds()}
    wanted[Experiment] = Experiment("interactions", "tensor", "classification+infonce", settings)
    wanted[PlaygroundState] = PlaygroundState(3, True)
    link = to_link(wanted, "zh")
    app = AppTest.from_file(APP, default_timeout=120)
    for key, value in link.items():
        app.query_params[key] = value
    app.run()
    assert app.session_state["states"] == wanted and app.session_state["lang"] == "zh"
    found = {key: value if isinstance(value, str) else value[0] for key, value in app.query_params.items()}
    assert found == link


def test_looking_trains_nothing(root: Path) -> None:
    page("playground", fusion="gated")
    assert not [item for item in root.iterdir() if item.is_dir()]


def test_train_submits_one_run_a_seed(root: Path) -> None:
    app = page("playground", dataset="interactions", seeds="3")
    app.button(key="train").click().run()
    assert not app.exception
    begun = time.monotonic()
    while len([item for item in root.iterdir() if item.is_dir()]) < 3:  # the first at once, the others by and by
        assert time.monotonic() - begun < 60
        time.sleep(0.02)


def test_a_batch_larger_than_the_data_disables_train() -> None:
    app = page("playground", dataset="interactions", set__batch_size="1000", set__data__train_size="100")
    assert app.button(key="train").disabled and "1000" in page_text(app)


@pytest.mark.parametrize("fusion", ["only", "tensor", "late_vote", "input_mlp"])
def test_every_parameter_has_a_control(fusion: str) -> None:
    from core.config import parameter_table

    app = page("playground", dataset="interactions", fusion=fusion, full="1")
    shown = {
        w.key for kind in ("slider", "select_slider", "number_input", "toggle", "selectbox") for w in app.get(kind)
    }
    objective = RunConfig.make("interactions", fusion).objective
    assert set(parameter_table("interactions", fusion, objective)) <= shown


def test_the_line_on_a_run_makes_the_run_again() -> None:
    import shlex

    from core.__main__ import parser
    from core.commands.train import configurations

    config = small_config("tensor", objective="classification+infonce", fusion__rank=5, seed=3)
    words = shlex.split(command_line([config]))[3:]
    (again,) = configurations(parser().parse_args(words))
    assert run_id(again) == run_id(config)


def test_a_full_folder_asks_before_anything_goes(finished: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(finished, root / finished.name)
    monkeypatch.setenv("FUSIONARIUM_DISK_MB", "0.001")
    app = page("playground", dataset="interactions")
    app.button(key="train").click().run()
    assert "MB" in page_text(app) and (root / finished.name).is_dir()
    assert "1" in app.button(key="make_room").label and "MB" in app.button(key="make_room").label
    app.button(key="make_room").click().run()
    assert (root / finished.name).is_dir(), "asked, not yet answered"
    app.button(key="make_room_yes").click().run()
    assert not app.exception and not (root / finished.name).exists()
    assert [item for item in root.iterdir() if item.is_dir()], "the training that waited for room"


def test_a_starred_run_stays(finished: Path, root: Path) -> None:
    for name in (finished.name, "0123456789ab"):
        shutil.copytree(finished, root / name)
    app = page("runs", run=finished.name)
    app.toggle(key=f"star {finished.name}").set_value(True).run()
    app.button(key="reset").click().run()
    assert not app.exception and Runs(root).label(finished.name) == {"star": True}
    assert any(item.value.startswith("1 run") for item in app.markdown), "the other one alone would go"


@pytest.mark.parametrize("status", ["finished", "stopped", "failed"])
def test_only_a_finished_run_says_that_it_is_trained(status: str, finished: Path, root: Path) -> None:
    settings = {"set__" + name.replace(".", "__"): str(value) for name, value in SMALL.items()}
    shutil.copytree(finished, root / finished.name)
    store.write_json(root / finished.name / "status.json", {"status": status, "message": "", "error": None})
    app = page("playground", dataset="interactions", fusion="concat", objective="classification+infonce", **settings)
    again = catalogue("en")["train.again"]
    assert (app.button(key="train").label == again) == (status == "finished")


def test_comparing_trains_each_method_and_each_sense_alone(root: Path) -> None:
    app = page("compare", dataset="interactions", fusions="concat,late_average", trials="3")
    assert not runs_in(root)
    app.button(key="compare").click().run()
    assert not app.exception
    begun = time.monotonic()
    while len(runs_in(root)) < 3 * (2 + 2) and time.monotonic() - begun < 60:  # the clerk makes them by and by
        time.sleep(0.02)
    assert len(runs_in(root)) == 3 * (2 + 2)


def runs_in(root: Path) -> list[Path]:
    return [item for item in root.iterdir() if item.is_dir() and len(item.name) == 12]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_comparison_that_has_been_made_is_shown(lang: str, root: Path) -> None:
    from core.compare.table import update
    from core.runs import Runs
    from core.serving.task_queue import TaskQueue
    from core.training.recorder import record

    query = {"dataset": "interactions", "fusions": "concat,late_average", "trials": "3", "set__epochs": "1"}
    query |= {"set__data__train_size": "128", "set__data__test_size": "64", "set__width": "4"}
    shared = {"epochs": 1, "data.train_size": 128, "data.test_size": 64, "width": 4}
    comparison = CompareState(("concat", "late_average")).comparison(Experiment("interactions", settings=shared))
    for config in comparison.configs():
        list(record(Runs(root).open(config)[0]))
    update(TaskQueue(root).open(comparison), Runs(root))
    app = page("compare", lang=lang, **query)
    assert len(app.dataframe[1].value) == 4 and len(app.dataframe[1].value.columns) == 5, "accuracy per bit"
    assert len(app.dataframe[0].value) == 4 and any("**" in item.value for item in app.markdown)
    page_text = " ".join(item.value for item in (*app.markdown, *app.caption))
    assert catalogue(lang)["population.samples"] in page_text
    assert catalogue(lang)["verdict.drawn.samples"].format(seeds=3, samples=64) in page_text
    assert catalogue(lang)["column.seconds.cpu"] in app.dataframe[0].value.columns


def test_new_training_data_are_offered_where_they_can_be_drawn(root: Path) -> None:
    app = page("compare", dataset="interactions", fusions="concat,late_average", new_data="1")
    assert app.toggle(key="new_data").value and not app.button(key="compare").disabled
    fixed = page("compare", dataset="av_digits", fusions="concat,late_average")
    assert not [one for one in fixed.toggle if one.key == "new_data"]
    refused = page("compare", dataset="av_digits", fusions="concat,late_average", new_data="1")
    assert refused.button(key="compare").disabled and "cannot draw new training data" in refused.error[0].value


ESTIMATE = {"redundancy": 0.7, "unique1": 0.6, "unique2": 0.5, "synergy": -0.001, "price": 0.31, "null": [-0.02, 0.03]}
SIDES = {"first": "x1", "second": "x2"}
SAID = {
    "interaction": ("late_loses", {**SIDES, "bits": 0.71, "points": 41.2, "chance": 1.0}, ("41.2", "41.2")),
    "single:x2": ("one_suffices", {"name": "x2", "other": "x1"}, ("second vector", "第二向量")),
    None: ("coarse_codes", {"modality": "x1", "explained": 0.23}, ("It abstains", "弃权")),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("family", SAID)
def test_what_the_data_say_is_put_in_words(family: str | None, lang: str, root: Path) -> None:
    reason, values, words = SAID[family]
    pairs = [{**SIDES, "estimate": ESTIMATE}]
    exact = {"redundant": 0.71, "unique1": 0.72, "unique2": 0.73, "synergy": 0.74}
    beyond = {"redundant": 0.0, "unique1": 0.0, "unique2": 0.0, "synergy": 0.13}
    accounts = {"train": {"own": exact, "beyond": beyond, "prices": {}, "price": 0.77}}
    accounts["complete"] = {**accounts["train"], "price": 0.88}
    sentences = {"family": family, "reason": reason, "values": values, "pairs": pairs, "accounts": accounts}
    sentences["methods"] = catalog.sums_of_logits()
    config = RunConfig.make("interactions")
    store.write_json(advice.place(root, config.dataset, config.data_settings), sentences)
    store.write_json(advice.record_place(root), {"hits": 4, "misses": 1, "abstentions": 2})
    app = page("compare", lang=lang, dataset="interactions")
    shown = " ".join(item.value for kind in ("markdown", "caption") for item in app.get(kind))
    for word in (words[lang == "zh"], "0.70", "0.00", "0.74", "0.13", "0.31", "-0.02", "0.77", "0.88"):
        assert word in shown, word
    assert catalogue(lang)["advice.record"].format(hits=4, answered=5, abstentions=2) in shown
    assert app.button(key="ask").label == catalogue(lang)["advice.again"]


def test_the_data_are_asked_once(root: Path) -> None:
    app = page("compare", dataset="interactions")
    app.button(key="ask").click().run()
    assert not app.exception and catalogue("en")["advice.waiting"] in page_text(app) and app.button(key="ask").disabled
    config = RunConfig.make("interactions")
    job = advice_task(services.runs_root(), config.dataset, config.data_settings)
    assert services.executor().asking(job)


def test_an_answer_that_could_not_be_made_says_why(root: Path) -> None:
    config = RunConfig.make("interactions")
    path = advice.place(root, config.dataset, config.data_settings)
    store.write_json(path, {"problem": {"message": "no such luck", "error": None, "values": {}}})
    app = page("compare", dataset="interactions")
    assert "no such luck" in page_text(app) and not app.button(key="ask").disabled


@pytest.mark.parametrize("name", ["nope", "concat"])
def test_a_comparison_that_cannot_be_is_refused(name: str) -> None:
    app = page("compare", dataset="interactions", fusions=name)
    assert app.button(key="compare").disabled


def test_the_python_on_a_run_makes_the_run_again() -> None:
    config = small_config("tensor", objective="classification+infonce", fusion__rank=5, seed=3)
    scope: dict[str, object] = {}
    exec(python_lines(config).split("for step")[0], scope)
    assert run_id(scope["config"]) == run_id(config)  # type: ignore[arg-type]


def test_a_run_can_be_named(finished: Path, root: Path) -> None:
    shutil.copytree(finished, root / finished.name)
    app = page("runs", run=finished.name)
    app.text_input(key=f"name {finished.name}").set_value("lesson 1").run()
    assert not app.exception and "lesson 1" in list(app.dataframe[0].value["name"])


def captions(app: AppTest) -> str:
    return " ".join(item.value for item in app.caption)


def cost(root: Path, config: RunConfig, seconds: float) -> None:
    """As a worker writes it."""
    found = {"parameters": 45_123, "flops": 1_250_000, "bytes": 640, "seconds": seconds}
    store.write_json(estimates.place(root, config), found)


def test_what_a_training_costs_is_said_before_it(root: Path) -> None:
    cost(root, RunConfig.make("interactions", "tensor"), 41.6)
    page_text = captions(page("playground", dataset="interactions", fusion="tensor", seeds="3"))
    for word in ("3 runs", "42 s", "45.1 k parameters", "1.25 M FLOPs", "640 bytes"):
        assert word in page_text, (word, page_text)
    assert catalogue("en")["cost.waiting"] in captions(page("playground", dataset="interactions", fusion="gated"))


def test_what_a_comparison_still_costs_is_the_sum_of_what_it_lacks(root: Path) -> None:
    chosen = {"dataset": "interactions", "fusions": "concat,tensor", "trials": "3"}
    comparison = Comparison.make("interactions", ["concat", "tensor"], seeds=3)
    rows = [*comparison.methods().values(), *comparison.references().values()]
    for seconds, row in enumerate(rows, 10):
        cost(root, row[0], seconds)
    whole = 3 * (10 + 11 + 12 + 13) / services.executor().count
    assert f"{whole:.0f} s in all, for 12 runs" in captions(page("compare", **chosen))


def test_one_run_that_cannot_be_stopped_keeps_no_other_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def stop(run: str, owner: str) -> None:
        tried.append(run)
        if run == "one":
            raise RunError("unknown_run", name=run, where="here")

    monkeypatch.setattr(permissions, "executor", lambda: SimpleNamespace(stop=stop))
    training.stop(["one", "two"])
    assert tried == ["one", "two"]


@pytest.mark.parametrize("name", ["playground", "compare"])
def test_a_run_whose_process_died_says_so_and_what_to_do(name: str, root: Path) -> None:
    comparison = Comparison.make("interactions", ["concat", "tensor"], seeds=3)
    folder, _ = Runs(root).open(comparison.configs()[0])
    error = RunError("worker_killed", name=folder.name)
    died = {"status": "stopped", "message": str(error), "error": error.key, "values": error.values}
    store.write_json(folder / "status.json", died)
    links = {"playground": {"fusion": "concat"}, "compare": {"fusions": "concat,tensor", "trials": "3"}}
    app = page(name, dataset="interactions", **links[name])
    assert not app.exception
    (sentences,) = [item.value for item in app.error]
    assert folder.name in sentences and "memory ran out" in sentences and "press Train" in sentences
