"""A comparison is checked once, is the runs that `train` would make, and its table says what the folders say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_type_hints

import pytest

from core import catalog
from core.__main__ import main
from core.compare.clock import Spent, cost
from core.compare.comparison import Comparison
from core.compare.files import place, read_problem, read_table
from core.compare.ranges import RANGES
from core.compare.table import table, update
from core.compare.types import ComparisonTable
from core.config import RunConfig
from core.data.interactions import PARTS
from core.errors import ConfigError
from core.runs import Runs, run_id, store
from core.serving.executor import Executor
from core.serving.task_queue import TaskQueue
from core.serving.tasks import table_task
from core.training.recorder import record
from tests.shapes import holds_exactly

SMALL = {"epochs": 1, "data.train_size": 256, "data.test_size": 128, "width": 8}


def comparison(**changes: object) -> Comparison:
    given = {"dataset": "interactions", "fusions": ["concat", "late_average"], "seeds": 2, "settings": SMALL} | changes
    return Comparison.make(**given)  # type: ignore[arg-type]


def trained(found: Comparison, root: Path) -> Runs:
    runs = Runs(root)
    for config in found.configs():
        list(record(runs.open(config)[0]))
    return runs


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Comparison, Runs]:
    found = comparison()
    return found, trained(found, tmp_path_factory.mktemp("compare"))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"dataset": "nope"}, "nope"),
        ({"fusions": ["concat", "nope"]}, "nope"),
        ({"fusions": ["concat"]}, "two"),
        ({"fusions": ["concat", "concat"]}, "twice"),
        ({"seeds": 0}, "seeds"),
        ({"objective": "infonce"}, "late_average"),
        ({"settings": {"fusion.nothing": 1}}, "fusion.nothing"),
        ({"settings": {"batch_size": 0}}, "batch_size"),
        ({"dataset": "captions", "settings": {}}, "judged"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        comparison(**changes)
    assert word in str(refusal.value) and str(refusal.value).endswith(".")


def test_its_runs_are_the_runs_that_train_would_make() -> None:
    found = comparison(settings={**SMALL, "fusion.rank": 3}, fusions=["tensor", "concat"])
    tensor = RunConfig.make("interactions", "tensor", settings={**SMALL, "fusion.rank": 3, "seed": 1})
    concat = RunConfig.make("interactions", "concat", settings={**SMALL, "seed": 1})
    assert [run_id(found.methods()[name][1]) for name in ("tensor", "concat")] == [run_id(tensor), run_id(concat)]


def test_every_modality_stands_beside_it_alone() -> None:
    alone = comparison().references()
    assert list(alone) == ["alone:x1", "alone:x2"]
    assert [configs[0].fusion_settings["modality"] for configs in alone.values()] == ["x1", "x2"]


def test_a_control_is_the_first_method_with_a_modality_dealt_out_anew() -> None:
    found = comparison(fusions=["tensor", "concat"], control=True)
    rows = {name: rows for name, rows in found.references().items() if name.startswith("permuted:")}
    assert list(rows) == ["permuted:x1", "permuted:x2"]
    assert [(config.fusion, config.permute) for config in rows["permuted:x2"]] == [("tensor", "x2")] * found.seeds
    assert Comparison.from_json(found.to_json()) == found
    plain = comparison(fusions=["tensor", "concat"])
    assert plain.id != found.id and not any(name.startswith("permuted:") for name in plain.references())
    assert comparison(fusions=["concat", "tensor"], control=True).id != found.id  # another method has the controls
    assert comparison(fusions=["concat", "tensor"]).id == plain.id


def test_new_data_are_another_comparison_and_refused_of_a_fixed_collection() -> None:
    plain, drawn = comparison(), comparison(new_data=True)
    assert plain.id != drawn.id and Comparison.from_json(drawn.to_json()) == drawn
    assert "new_data" not in plain.to_json() and "new_data" not in plain.configs()[0].to_json()  # names of before stay
    assert all(config.new_data for config in drawn.configs())
    assert comparison(settings={**SMALL, "new_data": "true"}).id == drawn.id  # by whichever way it was asked for
    with pytest.raises(ConfigError, match=r"'av_digits' is a fixed collection .* interactions, captions\.$"):
        comparison(dataset="av_digits", settings={}, new_data=True)
    assert comparison(dataset="av_digits", settings={"new_data": False}).new_data is False


def test_the_first_seed_of_everything_comes_first() -> None:
    seeds = [config.seed for config in comparison().configs()]
    assert seeds == sorted(seeds) and len(seeds) == 8


def test_plain_data_reads_back_and_keeps_its_name() -> None:
    found = comparison()
    again = Comparison.from_json(json.loads(json.dumps(found.to_json())))
    assert again.id == found.id == comparison(fusions=["late_average", "concat"]).id
    assert again.id != comparison(seeds=3).id


def test_a_table_says_what_the_folders_say(finished: tuple[Comparison, Runs]) -> None:
    found, runs = finished
    made = json.loads(json.dumps(table(found, runs)))
    assert holds_exactly(made, ComparisonTable) and made.keys() == get_type_hints(ComparisonTable).keys()
    for row in made["methods"]:
        for seed, run in row["runs"].items():
            result = store.read_json(runs.root / run / "result.json")
            assert row["values"][seed] == result["metrics"]["test/accuracy"]
        assert row["mean"] == pytest.approx(sum(row["values"].values()) / 2)
        assert set(row["parts"]) == set(made["bits"]) == {"redundant", "unique1", "unique2", "synergy"}
        of_seeds = [store.read_result(runs.root / run)["metrics"] for run in row["runs"].values()]
        assert row["parts"]["synergy"] == pytest.approx(sum(m["test/accuracy/synergy"] for m in of_seeds) / 2)
        assert len(row["curves"]["loss"]) == len(row["curves"]["score"]) == 2  # before and after the one epoch
    concat, late = made["methods"]
    assert 0 < concat["robustness"] < concat["mean"] + 0.02 and late["effective"] is None
    ahead, bears = concat["mean"] - late["mean"], concat["robustness"] - late["robustness"]
    assert concat["effective"] == pytest.approx(bears - ahead)  # the clean score is the table's first column
    assert made["done"] == made["runs"] == 8 and made["verdict"]["pairs"]
    pair = made["verdict"]["pairs"][0]
    assert (pair["over"], pair["samples"]) == ("seeds and samples", 128)
    assert made["population"]["text"].endswith("new test samples of this kind; not of new training data.")
    for row in (*made["methods"], *made["references"]):
        assert row["clock"] == "cpu" and row["over"] == "seeds and samples"
        of_runs = [store.read_result(runs.root / run)["cpu_seconds"] for run in row["runs"].values()]
        assert row["seconds"] == pytest.approx(sum(of_runs) / 2) and 0 <= row["low"] < row["mean"] < row["high"] <= 1
    assert made["lines"]["chance"] == 1 / 16 and made["lines"]["bayes"] > made["lines"]["linear"]


def test_bits_are_of_the_test_data_or_said_to_be_of_the_clean_ones(
    finished: tuple[Comparison, Runs], tmp_path: Path
) -> None:
    import shutil

    found, runs = finished
    assert table(found, runs)["bits_of"] == "test" and set(table(found, runs)["bits_rest"]) == set(PARTS)
    shutil.copytree(runs.root, tmp_path / "runs")
    for probe in (tmp_path / "runs").glob("*/probe.json"):  # as an older version wrote it
        old = {key: v for key, v in store.read_json(probe).items() if key not in ("information_of", "information_rest")}
        store.write_json(probe, old)
    assert table(found, Runs(tmp_path / "runs"))["bits_of"] == "clean"


def test_a_failed_seed_stops_its_method_alone(finished: tuple[Comparison, Runs], tmp_path: Path) -> None:
    import shutil

    found, runs = finished
    shutil.copytree(runs.root, tmp_path / "runs")
    copied = Runs(tmp_path / "runs")
    broken = run_id(found.methods()["concat"][1])
    status = store.read_json(copied.root / broken / "status.json")
    store.write_json(copied.root / broken / "status.json", {**status, "status": "failed", "message": "NaN at step 7."})
    made = table(found, copied)
    concat, late = made["methods"]
    assert concat["n"] == 1 and "NaN" in concat["problem"]["message"] and concat["problem"]["seed"] == 1
    assert late["n"] == 2 and late["problem"] is None and made["done"] == made["runs"]


@pytest.mark.parametrize("metric", ["test/accuracy", "test/accuracy/synergy"])
@pytest.mark.parametrize("value", [1e308, -0.5, 1.5])
def test_a_metric_that_cannot_be_stops_its_run_alone(
    finished: tuple[Comparison, Runs], tmp_path: Path, metric: str, value: float
) -> None:
    """A stranger's folder may say anything; the square of 1e308 is no number."""
    import shutil

    found, runs = finished
    shutil.copytree(runs.root, tmp_path / "runs")
    odd = tmp_path / "runs" / run_id(found.methods()["concat"][1])
    result = store.read_json(odd / "result.json")
    store.write_json(odd / "result.json", {**result, "metrics": {**result["metrics"], metric: value}})
    concat, late = table(found, Runs(tmp_path / "runs"))["methods"]
    assert concat["n"] == 1 and f"{metric} is {value:g}" in concat["problem"]["message"]
    assert late["n"] == 2 and late["problem"] is None


def test_runs_of_before_count_over_seeds_and_by_the_wall_and_say_so(
    finished: tuple[Comparison, Runs], tmp_path: Path
) -> None:
    import shutil

    found, runs = finished
    shutil.copytree(runs.root, tmp_path / "runs")
    for config in found.configs():
        folder = tmp_path / "runs" / run_id(config)
        (folder / "predictions.bin").unlink()
        result = store.read_json(folder / "result.json")
        store.write_json(
            folder / "result.json", {n: v for n, v in result.items() if n not in ("cpu_seconds", "predictions")}
        )
    made = table(found, Runs(tmp_path / "runs"))
    assert {row["over"] for row in made["methods"]} == {"seeds"} == set(made["population"]["over"])
    assert {row["clock"] for row in made["methods"]} == {"wall"} and "kept no predictions" in made["population"]["text"]
    assert made["verdict"]["pairs"][0]["over"] == "seeds"


def test_a_share_of_a_joint_training_is_marked_and_yields_to_a_lone_run() -> None:
    alone, share, old = Spent(9, 4.0), Spent(2, 1.0, together=3), Spent(5)
    assert cost([share, alone, share, old]) == (4.0, "cpu")
    assert cost([share, share]) == (1.0, "shared") and cost([old]) == (5, "wall") and cost([]) == (None, None)
    assert cost([Spent(3, 1.0, on_cpu=False)]) == (3, "wall")


def test_every_measure_has_its_range() -> None:
    metrics = {entry["metric"] for entry in catalog.catalog()["objectives"] if entry["metric"]}
    assert {*metrics, "recall@1"} == set(RANGES)


def test_a_table_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    found = comparison()
    folder = TaskQueue(tmp_path).open(found)
    store.write_json(folder / "comparison.json", {"format": 99})
    with pytest.raises(ConfigError):
        update(folder, Runs(tmp_path))
    assert "format" in read_problem(tmp_path, found)
    TaskQueue(tmp_path).open(found)
    update(folder, Runs(tmp_path))
    assert read_problem(tmp_path, found) == ""


def test_nothing_trained_is_an_empty_table(tmp_path: Path) -> None:
    made = table(comparison(), Runs(tmp_path))
    assert made["done"] == 0 and [row["mean"] for row in made["methods"]] == [None, None]


def test_the_desk_hands_out_each_table_once(tmp_path: Path) -> None:
    desk, found = TaskQueue(tmp_path), comparison()
    folder = desk.open(found)
    job = table_task(folder)
    assert folder == place(tmp_path, found) and desk.next() == job and desk.next() is None
    desk.ended("0" * 12)
    assert desk.next() is None
    desk.ended(run_id(found.configs()[0]))
    desk.ended(run_id(found.configs()[1]))
    assert desk.next() == job and desk.next() is None
    assert read_table(tmp_path, found) is None
    update(folder, Runs(tmp_path))
    assert read_table(tmp_path, found)


def test_the_executor_trains_what_is_lacking_and_keeps_the_table(
    finished: tuple[Comparison, Runs], tmp_path: Path
) -> None:
    import shutil
    import time

    found, runs = finished
    shutil.copytree(runs.root, tmp_path / "runs")
    lacking = run_id(found.configs()[0])
    shutil.rmtree(tmp_path / "runs" / lacking)
    executor = Executor(tmp_path / "runs", workers=1, projects=False)
    try:
        assert len(executor.compare(found)) == 8
        begun = time.monotonic()
        while (read_table(executor.runs.root, found) or {"done": 0})["done"] < 8:
            assert time.monotonic() - begun < 60
            time.sleep(0.1)
    finally:
        executor.close()
    assert store.read_json(executor.runs.root / lacking / "result.json")["metrics"]


def test_the_command_line_gives_a_line_a_method_and_a_verdict(
    finished: tuple[Comparison, Runs], capsys: pytest.CaptureFixture[str]
) -> None:
    _, runs = finished
    words = ["compare", "--dataset", "interactions", "--fusions", "concat,late_average", "--seeds", "2"]
    for name, value in SMALL.items():
        words += ["--set", f"{name}={value}"]
    assert main([*words, "--runs", str(runs.root), "--json"]) == 0
    *lines, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["method"] for line in lines] == ["concat", "late_average", "alone:x1", "alone:x2"]
    for line in lines:
        assert {"mean", "std", "interval", "n", "seconds", "parameters"} <= set(line) and line["n"] == 2
    assert {pair["verdict"] for pair in last["verdict"]["pairs"]} <= {"better", "worse", "cannot tell"}
    assert main([*words, "--runs", str(runs.root)]) == 0
    text = capsys.readouterr().out
    assert "late_average" in text and "not of new training data." in text and "as if alone" in text
    assert last["population"]["over"] == ["seeds and samples"] and lines[0]["clock"] == "cpu"


def test_the_command_line_refuses_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", "--dataset", "interactions", "--fusions", "concat,nope", "--runs", str(tmp_path)]
    assert main(words) == 2
    assert "nope" in capsys.readouterr().err and not any(tmp_path.iterdir())


def test_every_fusion_can_be_compared_with_another() -> None:
    names = catalog.names("fusions")
    assert set(comparison(fusions=names).methods()) == set(names)
