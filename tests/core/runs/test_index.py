"""The list of runs: read again only where something changed, right after every change, and never broken by one folder."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import RunError
from core.runs import Runs, cache, store
from core.runs import index as runs_index
from core.runs.index import RunIndex
from tests.conftest import small_config

Change = Callable[[Path], object]


@pytest.fixture
def root(finished: Path, tmp_path: Path) -> Path:
    """Three copies of a finished run, long ago."""
    for number in range(3):
        folder = tmp_path / f"{number:012x}"
        shutil.copytree(finished, folder)
        for path in (*folder.rglob("*"), folder):
            os.utime(path, (1.7e9, 1.7e9))
    return tmp_path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that are read, as they are."""
    names: list[str] = []
    real = runs_index.summarise

    def counted(folder: Path, *more: object):
        names.append(folder.name)
        return real(folder, *more)

    monkeypatch.setattr(runs_index, "summarise", counted)
    return names


def edit(name: str, /, **fields: object) -> Change:
    def work(folder: Path) -> None:
        path = folder / name
        table = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**table, **fields}))

    return work


def test_only_what_changed_is_read_again(root: Path, reads: list[str]) -> None:
    index = RunIndex(root)
    assert len(index.summaries()) == 3 and len(reads) == 3
    index.summaries()
    assert len(reads) == 3
    store.write_json(root / "000000000001" / "label.json", {"star": True})
    assert [bool(item.label) for item in sorted(index.summaries(), key=lambda i: i.run)] == [False, True, False]
    assert reads[3:] == ["000000000001"]


CHANGES: dict[str, tuple[Change, Callable[[RunIndex], object], object]] = {
    "a status": (edit("status.json", status="failed"), lambda i: i.summary("0" * 12).status["status"], "failed"),
    "a config": (edit("config.json", seed=77), lambda i: i.summary("0" * 12).config["seed"], 77),
    "a result": (
        edit("result.json", metrics={"test/accuracy": 0.125}),
        lambda i: i.summary("0" * 12).metrics,
        {"test/accuracy": 0.125},
    ),
    "a label": (edit("label.json", name="mine"), lambda i: i.summary("0" * 12).label, {"name": "mine"}),
    "a damage": (lambda f: (f / "config.json").write_text("{"), lambda i: i.summary("0" * 12).config, {}),
    "gone": (shutil.rmtree, lambda i: [item.run for item in i.summaries()].count("0" * 12), 0),
    "no result": (
        lambda f: (f / "result.json").unlink(),
        lambda i: set(i.summary("0" * 12).metrics) >= {"test/accuracy"},
        True,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_by_anybody_is_seen(change: str, root: Path) -> None:
    work, look, wanted = CHANGES[change]
    index = RunIndex(root)
    assert look(index) != wanted or change == "no result"
    work(root / ("0" * 12))
    assert look(index) == wanted


def test_what_runs_take_is_what_their_files_have(root: Path) -> None:
    def added_up() -> int:
        return sum(p.stat().st_size for p in root.glob("0*/**/*") if p.is_file())

    index = RunIndex(root)
    assert index.bytes() == added_up()
    (root / "000000000001" / "projection").mkdir()
    (root / "000000000001" / "projection" / "000004.bin").write_bytes(bytes(5000))
    (root / "000000000002" / "ballast").write_bytes(bytes(70_000))
    assert index.bytes() == added_up() == sum(item.bytes for item in index.summaries())
    Runs(root).delete("000000000002")
    assert index.bytes() == added_up()


@pytest.mark.skipif(os.name == "nt", reason="files without blocks as POSIX has them")
def test_a_sparse_file_takes_no_room(root: Path) -> None:
    before = RunIndex(root).bytes()
    with (root / "000000000001" / "frames" / "000099.bin").open("wb") as file:
        file.truncate(50_000_000_000)
    assert RunIndex(root).bytes() - before < 1_000_000
    Runs(root).check_room()


def test_the_next_process_begins_with_the_list_on_disk(root: Path, reads: list[str], monkeypatch) -> None:
    monkeypatch.setattr(cache, "LEAST", 1)
    first = RunIndex(root)
    listed = first.summaries()
    first.save()
    again = RunIndex(root)
    assert again.summaries() == listed and len(reads) == 3
    edit("status.json", status="failed")(root / "000000000001")  # while nobody looked
    states = {item.run: item.status["status"] for item in RunIndex(root).summaries()}
    assert states["000000000001"] == "failed" and reads[3:] == ["000000000001"]


LIES = ["", "[]", '{"format": 1}', '{"format": 1, "engine": "0.1.0", "runs": [1]}', "[" * 100_000, '{"format": 99}']


@pytest.mark.parametrize("lie", LIES, ids=range(len(LIES)))
def test_a_list_on_disk_that_is_none_is_made_anew(lie: str, root: Path) -> None:
    (root / cache.NAME).write_text(lie)
    assert len(RunIndex(root).summaries()) == 3


def test_values_of_the_list_on_disk_are_checked_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LEAST", 1)
    first = RunIndex(root)
    first.summaries()
    first.save()
    whole = json.loads((root / cache.NAME).read_text())
    whole["runs"]["000000000000"]["status"] = {"status": "dancing"}
    whole["runs"]["000000000001"]["metrics"] = {"test/accuracy": "high"}
    whole["runs"]["000000000002"]["label"] = {"name": ["x"], "star": "yes"}
    whole["runs"]["../../../etc"] = whole["runs"]["000000000002"]
    (root / cache.NAME).write_text(json.dumps(whole))
    found = {item.run: item for item in RunIndex(root).summaries()}
    assert len(found) == 3 and all(item.status["status"] == "finished" for item in found.values())
    assert found["000000000001"].metrics["test/accuracy"] <= 1 and found["000000000002"].label == {}


def test_a_list_of_many_is_not_read_again_and_still_sees_an_edit_in_place(
    root: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_index, "ALL", 0)
    index = RunIndex(root)
    index.summaries()
    edit("status.json", status="failed")(root / "000000000001")
    os.utime(root / "000000000001", (1.7e9, 1.7e9))
    for _ in range(runs_index.SHARE):
        states = [item.status["status"] for item in index.summaries()]
    assert sorted(states) == ["failed", "finished", "finished"] and len(reads) == 4


OUT_OF_RANGE = [
    ("config.json", "created", value) for value in (1e18, -1, 1e308, -1e308, float("1e19"), True, "now", [1], None)
]
OUT_OF_RANGE += [("config.json", "epochs", v) for v in (1e300, -5, "many", 2.5, None, 10**30)]
OUT_OF_RANGE += [("config.json", "seed", v) for v in (1e18, -1, {"a": 1}, "x", 10**400)]
OUT_OF_RANGE += [("status.json", "progress", v) for v in (7, -3, 1e300, "half")]
OUT_OF_RANGE += [("status.json", n, 1e300) for n in ("seconds_left", "seconds", "step", "epoch", "together")]
OUT_OF_RANGE += [("label.json", "name", v) for v in ("n" * 1_000_000, "a\nb\x1b[31m", 5, None, "x" * 100)]
OUT_OF_RANGE += [("label.json", "star", v) for v in ("yes", 1, [], "false")]


@pytest.mark.parametrize(("file", "field", "value"), OUT_OF_RANGE)
def test_a_value_out_of_range_is_bounded_or_that_run_cannot_be_read(
    file: str, field: str, value: object, root: Path
) -> None:
    edit(file, **{field: value})(root / ("0" * 12))
    found = {item.run: item for item in RunIndex(root).summaries()}
    assert len(found) == 3
    for item in found.values():
        assert 0 < item.created < time.time() + 2 * 86_400
        assert len(str(item.label.get("name", ""))) <= 60 and str(item.label.get("name", "")).isprintable()
        assert item.label.get("star") in (None, True, False)
        assert item.problem or 0 <= item.status["progress"] <= 1
        assert item.problem or 0 <= (item.status["seconds_left"] or 0) < 1e9
    assert [item.problem for item in found.values()].count(None) >= 2


def newer(folder: Path, **fields: object) -> None:
    edit("config.json", engine="0.9.2", **fields)(folder)


NEWER: dict[str, Change] = {
    "a format": lambda folder: newer(folder, format=2),
    "a fusion": lambda folder: newer(folder, fusion="telepathy"),
    "data": lambda folder: newer(folder, dataset="smells"),
    "an objective": lambda folder: newer(folder, objective="classification+joy"),
    "a field": lambda folder: newer(folder, scheduler="cosine"),
    "a strategy": lambda folder: newer(folder, strategy="patience"),
}


@pytest.mark.parametrize("change", NEWER)
def test_a_run_of_a_newer_version_is_said_to_be_one_and_kept(
    change: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, run = Runs(root), "0" * 12
    NEWER[change](root / run)
    item = next(item for item in runs.summaries() if item.run == run)
    assert item.problem and item.problem.key == "newer_run" and "0.9.2" in str(item.problem)
    assert "delete" not in str(item.problem) and runs.summary(root / run).problem.key == "newer_run"
    monkeypatch.setenv("FUSIONARIUM_DISK_MB", "0")
    assert run not in runs.to_clear(0) and run not in runs.make_room() and (root / run).is_dir()


def test_a_parameter_of_a_newer_version_is_told_when_the_run_is_opened(root: Path) -> None:
    newer(root / ("0" * 12), fusion_settings={"temperature_of_tea": 3})
    assert Runs(root).summary(root / ("0" * 12)).problem.key == "newer_run"


def test_an_unknown_name_of_our_own_version_is_a_broken_run(root: Path) -> None:
    edit("config.json", fusion="telepathy")(root / ("0" * 12))
    assert Runs(root).summary(root / ("0" * 12)).problem.key == "broken_run"
    newer(root / "000000000001")  # newer, but nothing in it that we do not know
    assert Runs(root).summary(root / "000000000001").problem is None


def test_nothing_trains_over_a_run_of_a_newer_version(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    folder, _ = runs.open(small_config())
    newer(folder, format=2)
    with pytest.raises(RunError, match="newer version"):
        runs.open(small_config())
    assert folder.is_dir()
