"""What a real run writes is what the types of its files say: each entry of its kind, and none that no type names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_type_hints

import pytest

from core.config import RunConfig
from core.runs import store
from core.runs.frames import decode
from core.runs.types import MetricRecord, RecordHead, Result, SnapshotHeader, Status, ViewSet
from core.schema import conforms
from core.training.recorder import record
from tests.conftest import SMALL
from tests.shapes import holds_exactly

FAMILIES = ("train/", "test/", "gradient/", "diagnostics/")  # of metrics, as core/runs/types.py has them
CAPTIONS = SMALL | {"data.train_size": 64, "batch_size": 32}
KINDS = {
    "class": ("interactions", "classification"),
    "labels": ("captions", "multi_label"),
    "none": ("captions", "infonce"),
}


@pytest.fixture(scope="module", params=KINDS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that predicts a class, labels, or nothing."""
    from core.runs import Runs

    dataset, objective = KINDS[request.param]
    config = RunConfig.make(dataset, "gated", objective, SMALL if dataset == "interactions" else CAPTIONS)
    folder, _ = Runs(tmp_path_factory.mktemp("typed")).open(config)
    assert [status["status"] for status in record(folder)][-1] == "finished"
    return folder


def test_each_line_of_metrics_is_its_head_and_metrics_of_named_families(run: Path) -> None:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    head = get_type_hints(RecordHead).keys()
    assert len(lines) > 1
    for line in lines:
        assert conforms(line, RecordHead) and conforms(line, MetricRecord), line
        assert list(line)[: len(head)] == list(head)
        assert all(name.startswith(FAMILIES) for name in line.keys() - head), line
    written = {family for family in FAMILIES for line in lines if any(name.startswith(family) for name in line)}
    assert written >= set(FAMILIES) - {"diagnostics/"}, "where nothing is fused there are no diagnostics"
    assert store.read_records(run) == lines


def test_a_result_has_every_entry_of_its_type_and_no_other(run: Path) -> None:
    result = json.loads((run / "result.json").read_text())
    assert holds_exactly(result, Result) and result.keys() == get_type_hints(Result).keys()
    assert next(iter(result)) == "metrics", "the list of runs reads no further"
    assert store.read_result(run) == result


def test_status_view_set_and_snapshots_have_no_entry_that_no_type_names(run: Path) -> None:
    assert holds_exactly(json.loads((run / "status.json").read_text()), Status)
    assert holds_exactly(store.read_json(run / "probe.json"), ViewSet)
    header, _ = decode(store.frame_path(run, "frames", store.steps(run, "frames")[-1]).read_bytes())
    assert holds_exactly(header, SnapshotHeader)


@pytest.mark.parametrize("change", [{"step": 1.5}, {"seconds": None}, {"epoch": "1"}])
def test_a_record_of_other_types_does_not_fit(change: dict[str, object]) -> None:
    good = {"step": 1, "epoch": 0.5, "seconds": 0.1, "test/loss": 1.0}
    assert conforms(good, RecordHead) and not conforms({**good, **change}, RecordHead)
    assert not holds_exactly(good, RecordHead), "metrics are named by MetricRecord"
