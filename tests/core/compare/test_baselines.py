"""The lines beside a comparison are made on the samples that its figure is made on."""

from __future__ import annotations

import pytest
import torch

from core.compare.baselines import _retrieval
from core.config import RunConfig
from core.data.base import Task
from core.data.loading import load_task
from core.metrics.embedding import embedding_metrics
from core.training.view_set import describe


def load(name: str, **changes) -> Task:
    settings = {f"data.{key}": value for key, value in changes.items()} | {"batch_size": 16}
    return load_task(name, dict(RunConfig.make(name, settings=settings).data_settings))


@pytest.mark.parametrize(
    ("name", "changes"),
    [("captions", {"test_missing": 0.5}), ("captions", {"test_size": 500}), ("interactions", {"test_missing": 0.3})],
)
def test_a_blind_search_finds_what_equal_embeddings_find(name: str, changes: dict[str, float]) -> None:
    """With half of the senses missing 64 captions are searched and not 256: the chance line stood at a quarter of its height."""
    task = load(name, train_size=256, **changes)
    same = {modality: torch.ones(len(task.test.pair), 3) for modality in task.modalities}
    blind = embedding_metrics(same, task.test.pair, task.test.present)["recall@1"]
    assert _retrieval(task)["chance"] == pytest.approx(blind) == describe(task)["chance_recall"]


def test_the_raw_correlation_is_asked_of_the_same_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("core.compare.baselines.recall_at", lambda rank, k: asked.append(len(rank.above) / 2) or 0.5)
    task = load("captions", train_size=256, test_missing=0.4)
    _retrieval(task)
    here = task.test.present
    assert asked == [int((here["image"] & here["caption"])[:400].sum())]
