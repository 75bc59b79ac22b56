"""The process that answers: the same figures as the run's own tables, while a worker trains, and one sentence for all else."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.errors import RunError
from core.paths import ASSETS
from core.runs import store
from core.serving.answerer import answer
from core.serving.answers import ANSWERS
from core.serving.answers.missing import altered
from core.serving.executor import Executor
from core.serving.loaded_run import LoadedRuns
from core.serving.messages import Answer
from core.serving.questions import ModelQuestion
from dashboard.server import routes
from tests.conftest import small_config

MISSING = ANSWERS["missing"]
FIRST = "x1"  # modality
QUESTION = ModelQuestion("missing", MISSING.read({}))


def ask(folder: Path, loaded: LoadedRuns | None = None, **query: str) -> Answer:
    """Of the model, in this process."""
    values = MISSING.read({name.replace("__", "."): text.split(",") for name, text in query.items()})
    question = {"type": "question", "id": 1, "kind": "missing", "folder": str(folder), "values": values}
    return answer(question, LoadedRuns() if loaded is None else loaded)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["missing", "noise"])
def test_at_the_levels_of_the_runs_own_table_the_model_answers_the_same(finished: Path, kind: str) -> None:
    loaded, result = LoadedRuns(), store.read_result(finished)
    for name, rows in result[kind].items():
        for percent, score in rows:
            reply = ask(finished, loaded, **{f"{kind}__{name}": str(percent)})["answer"]
            assert reply["score"] == score and reply["metric"] == "accuracy"
            assert (reply["changed"] == 0) if percent == 0 else (reply["changed"] <= reply["samples"])
    assert reply["step"] == store.read_status(finished)["step"], "the last weights are kept"


def test_between_the_levels_the_same_samples_lack_more(finished: Path) -> None:
    loaded = LoadedRuns().get(finished)
    whole = int(altered(loaded, {}, {}).present["x1"].sum())
    counts = [int(altered(loaded, {"x1": percent}, {}).present["x1"].sum()) for percent in (0, 33.3, 37, 100)]
    assert counts[0] == whole > counts[1] > counts[2] > counts[3] == 0
    few, many = (altered(loaded, {"x1": percent}, {}) for percent in (33.3, 37))
    assert bool((few.present["x1"] >= many.present["x1"]).all())
    assert not many.inputs["x1"][~many.present["x1"]].any() and bool(many.present["x2"].all())
    both = ask(finished, missing__x1="50", noise__x2="100")["answer"]
    assert 0 < both["changed"] <= both["samples"] and 0 <= both["score"] <= 1


def test_one_sample_is_predicted_as_the_run_did(finished: Path) -> None:
    reply = ask(finished, sample="3")["answer"]["sample"]
    chances = reply["prediction"]["probability"]
    assert reply["index"] == 3 and sum(chances) == pytest.approx(1, abs=0.01)
    assert reply["target"] == store.read_probe(finished)["labels"][3]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"missing__smell": "50"}, "no_such_modality"),
        ({"noise__smell": "3"}, "no_such_modality"),
        ({"sample": "64"}, "no_such_sample"),
    ],
)
def test_what_a_run_cannot_answer_is_one_sentence(finished: Path, query: dict[str, str], key: str) -> None:
    assert ask(finished, **query)["error"]["error"] == key


@pytest.mark.parametrize("damage", ["nothing", "noise", "half"])
def test_a_model_that_cannot_be_loaded_is_one_sentence(finished: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / finished.name
    shutil.copytree(finished, folder)
    checkpoint = folder / store.CHECKPOINT
    data = checkpoint.read_bytes()
    checkpoint.unlink()
    if damage != "nothing":
        checkpoint.write_bytes(b"noise" if damage == "noise" else data[: len(data) // 2])
    reply = ask(folder)
    assert "answer" not in reply and reply["error"]["error"] == ("no_model" if damage == "nothing" else "broken_run")


@pytest.mark.parametrize(
    "query",
    [
        {"absence": ["a"]},
        {"missing": ["3"]},
        {"noise.": ["3"]},
        {"missing.a": ["101"]},
        {"noise.a": ["nan"]},
        {"sample": ["-1"]},
    ],
)
def test_what_is_no_question_is_refused_before_it_is_asked(query: dict[str, list[str]]) -> None:
    with pytest.raises(RunError) as caught:
        MISSING.read(query)
    assert caught.value.key == "bad_question"


def test_the_models_asked_last_are_kept_and_one_that_changed_is_loaded_anew(finished: Path, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc")]
    for folder in folders:
        shutil.copytree(finished, folder)
    loaded = LoadedRuns(most=2)
    first = loaded.get(folders[0])
    assert loaded.get(folders[0]) is first
    checkpoint = folders[0] / store.CHECKPOINT
    store.write_atomic(checkpoint, checkpoint.read_bytes())
    assert loaded.get(folders[0]) is not first
    for folder in folders[1:]:
        loaded.get(folder)
    assert len(loaded) == 2


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    """One worker; the answerer is started by the first question."""
    executor = Executor(tmp_path_factory.mktemp("runs"), workers=1, projects=False)
    yield executor
    executor.close()


def until(condition) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < 90
        time.sleep(0.02)


@pytest.mark.slow
def test_answers_come_within_300_ms_while_all_workers_train(executor: Executor, finished: Path) -> None:
    """p95 of a person who drags a slider; of many at once most are replaced."""
    shutil.copytree(finished, executor.runs.root / finished.name)
    app = Starlette(routes=routes(executor.runs.root, ASSETS, lambda run: None, ask=executor.ask_model))
    busy = executor.submit(small_config(seed=90, epochs=1000), "a").run
    address = f"/live/runs/{finished.name}/answers/missing"
    with TestClient(app) as client:
        until(lambda: client.get(address).status_code == 200)
        until(lambda: store.read_status(executor.runs.root / busy)["status"] == "running")
        seconds = []
        for kind, percent in product(("missing", "noise"), range(1, 100, 4)):
            begun = time.perf_counter()
            reply = client.get(address, params={f"{kind}.{FIRST}": percent, "sample": 1})
            seconds.append(time.perf_counter() - begun)
            assert reply.status_code == 200 and reply.json()["answer"]["samples"] == 64
        assert sorted(seconds)[int(0.95 * len(seconds))] < 0.3, seconds
        assert store.read_status(executor.runs.root / busy)["status"] == "running"
        outcomes: list[str] = []
        for _ in range(20):  # faster than any model answers
            executor.ask_model(finished.name, QUESTION, "b", lambda outcome: outcomes.append(outcome["outcome"]))
        until(lambda: len(outcomes) == 20)
        assert outcomes.count("replaced") >= 10 and outcomes[-1] == "answered"
        assert client.get("/live/runs/0123456789ab/answers/missing").status_code == 404
        assert client.get(f"/live/runs/{finished.name}/answers/none").status_code == 404
        assert client.get(address, params={"noise.a": "x"}).status_code == 400
        assert client.get(address, params={"missing.smell": 3}).json()["problem"]["error"] == "no_such_modality"
    executor.stop(busy, "a")


@pytest.mark.slow
def test_a_dead_answerer_is_replaced(executor: Executor, finished: Path) -> None:
    folder = executor.runs.root / "dddddddddddd"
    shutil.copytree(finished, folder)
    app = Starlette(routes=routes(executor.runs.root, ASSETS, lambda run: None, ask=executor.ask_model))
    with TestClient(app) as client:
        until(lambda: client.get(f"/live/runs/{folder.name}/answers/missing").status_code == 200)
        slot = executor.dispatcher.pool.slots.at("answerer")
        before = slot.process
        before.popen.kill()
        until(lambda: slot.process is not None and slot.process is not before)
        until(lambda: client.get(f"/live/runs/{folder.name}/answers/missing").status_code == 200)
