"""The names and exit codes that other programs rely on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.data import DATASETS
from core.data.base import Task
from core.training.gradient_step import GradientStep
from core.training.state import TrainState

SMALL = ["--set", "data.train_size=256", "--set", "data.test_size=64", "--set", "width=16", "--epochs", "2"]


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = main(argv)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def train(capsys, tmp_path: Path, *extra: str) -> tuple[int, str, str]:
    return run(capsys, "train", "--dataset", "interactions", *SMALL, "--runs", str(tmp_path), *extra)


def test_train_json_is_one_object_a_run(capsys, tmp_path: Path) -> None:
    code, out, _ = train(capsys, tmp_path, "--fusion", "concat", "--seeds", "2", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [f["status"] for f in found] == ["finished", "finished"]
    assert all(not f["reused"] and "test/accuracy" in f["metrics"] and f["seconds"] > 0 for f in found)
    assert found[0]["run"] != found[1]["run"]
    _, out, _ = train(capsys, tmp_path, "--fusion", "concat", "--seeds", "2", "--json")
    again = [json.loads(line) for line in out.splitlines()]
    assert [f["run"] for f in again] == [f["run"] for f in found] and all(f["reused"] for f in again)
    assert again[0]["metrics"] == found[0]["metrics"]
    _, out, _ = train(capsys, tmp_path, "--fusion", "concat", "--again", "--json")
    assert not json.loads(out)["reused"] and json.loads(out)["metrics"] == pytest.approx(found[0]["metrics"], abs=1e-5)


def test_seeds_train_together_unless_told_otherwise(capsys, tmp_path: Path) -> None:
    def shown(name: str) -> str:
        return run(capsys, "show", name, "--runs", str(tmp_path))[1]

    names = [json.loads(line)["run"] for line in train(capsys, tmp_path, "--seeds", "3", "--json")[1].splitlines()]
    assert all("trained together with 2 other seeds" in shown(name) for name in names)
    _, out, _ = train(capsys, tmp_path, "--seeds", "4", "--json")
    again = [json.loads(line) for line in out.splitlines()]
    assert [item["run"] for item in again[:3]] == names and [item["reused"] for item in again] == [True] * 3 + [False]
    assert "together" not in shown(again[3]["run"]), "only one was lacking"
    _, out, _ = train(capsys, tmp_path, "--seeds", "2", "--json", "--alone", "--again")
    alone = [json.loads(line) for line in out.splitlines()]
    assert [item["run"] for item in alone] == names[:2] and "together" not in shown(names[0])
    for ours, theirs in zip(alone, again, strict=False):
        assert ours["metrics"] == pytest.approx(theirs["metrics"], abs=1e-5)


def test_show_and_runs(capsys, tmp_path: Path) -> None:
    _, out, _ = train(capsys, tmp_path, "--json")
    name = json.loads(out)["run"]
    code, out, _ = run(capsys, "show", name, "--runs", str(tmp_path), "--json")
    shown = json.loads(out)
    assert code == 0 and shown["status"]["status"] == "finished" and shown["history"][0]["step"] == 0
    _, out, _ = run(capsys, "runs", "--runs", str(tmp_path), "--json")
    assert [item["run"] for item in json.loads(out)] == [name]
    assert run(capsys, "runs", "--runs", str(tmp_path))[1].startswith(name)


@pytest.mark.parametrize(
    "argv",
    [
        ["show", "0123456789ab"],
        ["show", "../../etc/passwd"],
        ["train", "--dataset", "nope"],
        ["train", "--dataset", "interactions", "--fusion", "nope"],
        ["train", "--dataset", "interactions", "--objective", "nope"],
        ["train", "--dataset", "interactions", "--epochs", "-1"],
        ["train", "--dataset", "interactions", "--seeds", "0"],
        ["train", "--dataset", "interactions", "--seed", "x"],
        ["train", "--dataset", "interactions", "--set", "batch_size"],
        ["train", "--dataset", "interactions", "--set", "batch_size=4096", "--set", "data.train_size=64"],
        ["train", "--dataset", "interactions", "--fusion", "late_vote", "--objective", "infonce"],
        ["train", "--dataset", "interactions", "--seconds", "-3"],
        ["train", "--dataset", "interactions", "--seconds", "0"],
        ["train", "--dataset", "interactions", "--seconds", "soon", "--set", "epochs=2"],
        ["train", "--dataset", "interactions", "--set", "seconds=1", "--epochs", "2"],
        ["train", "--dataset", "interactions", "--seeds", "\u00b2"],
        ["train", "--dataset", "interactions", "--fusion", ""],
        ["train", "--dataset", "interactions", "--objective", ""],
        ["train", "--dataset", "interactions", "--device", "abacus"],
        ["train", "--dataset", "interactions", "--device", "mps" if sys.platform != "darwin" else "cuda"],
    ],
)
def test_a_choice_that_cannot_be_is_one_sentence_and_2(capsys, tmp_path: Path, argv: list[str]) -> None:
    code, out, err = run(capsys, *argv, "--runs", str(tmp_path))
    assert code == 2 and out == "" and len(err.strip().splitlines()) == 1 and "Traceback" not in err
    assert not [item for item in tmp_path.iterdir() if item.is_dir()], "a run was begun"


@pytest.mark.parametrize(
    "argv",
    [[], ["dance"], ["train"], ["show"], ["train", "--dataset", "interactions", "--epochs", "1", "--seconds", "1"]],
)
def test_a_line_that_cannot_be_read_is_one_line_and_2(capsys, argv: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(argv)
    captured = capsys.readouterr()
    assert end.value.code == 2 and captured.out == "" and len(captured.err.strip().splitlines()) == 1


def test_a_bound_is_said_in_full(capsys) -> None:
    _, _, err = run(capsys, "train", "--dataset", "interactions", "--seed", "-1")
    assert "from 0 to 2147483647" in err


def test_a_full_folder_asks_before_anything_goes(capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, _ = train(capsys, tmp_path, "--json")
    first = json.loads(out)["run"]
    monkeypatch.setenv("FUSIONARIUM_DISK_MB", "0.001")
    code, out, err = train(capsys, tmp_path, "--seed", "1", "--json")
    assert code == 2 and out == "" and "--make-room" in err and (tmp_path / first).is_dir()
    assert train(capsys, tmp_path, "--json")[0] == 0, "what is trained can be asked for"
    code, out, err = train(capsys, tmp_path, "--seed", "1", "--make-room", "--json")
    assert code == 0 and first in err and not (tmp_path / first).exists() and json.loads(out)["status"] == "finished"


def test_nan_in_the_data_is_a_sentence_and_1(capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = DATASETS["interactions"].load

    def poisoned(**settings: Any) -> Task:
        task = load(**settings)
        task.train.inputs["x2"][5, 1] = float("nan")
        return task

    monkeypatch.setattr(DATASETS["interactions"], "load", poisoned)
    code, out, err = train(capsys, tmp_path, "--set", "data.seed=4711", "--json")  # loaded data are kept
    assert code == 1 and json.loads(out)["status"] == "failed"
    assert len(err.strip().splitlines()) == 1 and "x2" in err and "NaN" in err


@pytest.mark.parametrize("when", ["at once", "in the last update"])
def test_nan_in_the_loss_is_a_sentence_and_1(
    capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """In the last update nobody but the validation pass can see it: no loss of the training is taken after it."""
    update, calls = GradientStep.update, []

    def poisoned(self: GradientStep, state: TrainState, *args: Any) -> dict[str, Any]:
        losses = update(self, state, *args)
        calls.append(1)
        if len(calls) == (1 if when == "at once" else 8):  # 256 samples, batches of 64, 2 epochs
            next(state.model.parameters()).data.fill_(float("nan"))
        return losses

    monkeypatch.setattr(GradientStep, "update", poisoned)
    code, out, err = train(capsys, tmp_path, "--set", "batch_size=64", "--json")
    name = json.loads(out)["run"]
    assert code == 1 and json.loads(out)["status"] == "failed"
    assert len(err.strip().splitlines()) == 1 and "nan at step" in err and "learning_rate" in err
    assert run(capsys, "show", name, "--runs", str(tmp_path))[0] == 0
    assert run(capsys, "runs", "--runs", str(tmp_path))[1].split()[1] == "failed"
    monkeypatch.undo()
    again = train(capsys, tmp_path, "--set", "batch_size=64", "--json")
    assert again[0] == 0 and json.loads(again[1])["run"] == name and not json.loads(again[1])["reused"]


def test_catalog_names_everything(capsys) -> None:
    code, out, _ = run(capsys, "catalog", "--json")
    found = json.loads(out)
    assert code == 0 and {"datasets", "fusions", "objectives"} <= set(found)
    assert "concat" in run(capsys, "catalog")[1]


def test_doctor_has_a_line_for_everything(capsys, tmp_path: Path) -> None:
    code, out, _ = run(capsys, "doctor", "--runs", str(tmp_path))
    assert code == 0
    for word in ("python", "torch", "disk", "port", "threads", "device", "fonts"):
        assert word in out
