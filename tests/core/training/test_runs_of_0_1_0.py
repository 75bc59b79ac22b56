"""Runs that the first release wrote are read, listed and continued by today's code."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from core.config import RunConfig
from core.runs import Runs, read_config, run_id, store
from core.runs.frames import decode
from core.training.recorder import record

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "runs_of_0_1_0"
NAMES = json.loads((FIXTURE / "names.json").read_text(encoding="utf-8"))
ALL = (NAMES["finished"], NAMES["stopped"], *NAMES["compared"])
CLOSE = 2e-3  # of another processor: three epochs of small differences


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    shutil.copytree(FIXTURE / "root", tmp_path / "root")
    return Runs(tmp_path / "root")


def arithmetic() -> str:
    """As in the fixture's make.py: where the digests are equal, curves must be so to the last bit."""
    draw = torch.Generator().manual_seed(0)
    x, w = torch.randn(64, 16, generator=draw), torch.randn(16, 8, generator=draw).requires_grad_()
    torch.nn.functional.cross_entropy(torch.relu(x @ w).exp().log1p(), torch.arange(64) % 8).backward()
    torch.optim.AdamW([w], fused=True).step()
    return hashlib.sha256(w.detach().numpy().tobytes() + torch.__version__.encode()).hexdigest()


def test_every_run_is_listed_without_a_problem_and_keeps_its_name(runs: Runs) -> None:
    summaries = {item.run: item for item in runs.summaries()}
    assert set(summaries) == set(ALL)
    assert all(item.problem is None for item in summaries.values())
    for name in ALL:
        config = read_config(runs.root / name)
        assert run_id(config) == name and RunConfig.from_json(config.to_json()) == config
        assert runs.open(config) == (runs.root / name, "resume" if name == NAMES["stopped"] else "reuse")


def test_a_finished_run_has_its_result_records_and_pictures(runs: Runs) -> None:
    folder = runs.folder(NAMES["finished"])
    result = store.read_result(folder)
    assert result["metrics"]["test/accuracy"] > 0 and result["parameters"] > 0
    assert result["together"] == 1 and set(result["instruments"]["shapley"]) == {"x1", "x2"}
    assert [record["step"] for record in store.read_records(folder)][-1] == 12
    assert store.steps(folder, "frames") == store.steps(folder, "projection") == [0, 4, 8, 12]
    _, blocks = decode(store.read_file(store.frame_path(folder, "projection", 12)))
    assert blocks["xy/umap"].shape == (2, 64, 2)


def test_diagnostics_of_then_are_read_under_the_name_of_today(runs: Runs) -> None:
    folder = runs.folder(NAMES["finished"])
    assert b'"look/' in (folder / "metrics.jsonl").read_bytes()
    *_, last = store.read_records(folder)
    header, _ = decode(store.read_file(store.frame_path(folder, "projection", 12)))
    assert "look" not in header and not any(name.startswith("look/") for name in last)
    for name, diagnostic in header["diagnostics"].items():
        for label, value in zip(diagnostic["axes"][0], diagnostic["mean"], strict=True):
            assert last[f"diagnostics/{name}/{label}"] == pytest.approx(value, abs=1e-5)


def test_a_stopped_run_goes_on_as_if_it_had_never_been_stopped(runs: Runs) -> None:
    """Against what the old code itself recorded without the stop: also a check that today's curves are those of then."""
    folder = runs.folder(NAMES["stopped"])
    assert [status["status"] for status in record(folder)][-1] == "finished"
    expected = json.loads((FIXTURE / "uninterrupted.json").read_text(encoding="utf-8"))
    ours = [
        {k: v for k, v in one.items() if k != "seconds" and not k.startswith("diagnostics/")} for one in records(folder)
    ]
    exact = arithmetic() == expected["arithmetic"]
    assert len(ours) == len(expected["records"])
    for mine, then in zip(ours, expected["records"], strict=True):
        same(mine, then, exact)
    same(store.read_result(folder)["metrics"], expected["metrics"], exact)


def records(folder: Path) -> list[dict[str, Any]]:
    return list(store.read_records(folder))


def same(ours: dict[str, float], theirs: dict[str, float], exact: bool) -> None:
    """To the last bit on the arithmetic that wrote the fixture, else close."""
    assert list(ours) == list(theirs)
    assert ours == theirs if exact else ours == pytest.approx(theirs, rel=CLOSE, abs=CLOSE)
