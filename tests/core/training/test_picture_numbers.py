"""From the model to the frame no number changes its meaning: large embeddings, many classes, broken diagnostics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.fusion.diagnostic import Diagnostic
from core.training import evaluation
from core.training.batches import whole
from core.training.state import TrainState
from tests.conftest import small_config


@pytest.fixture(scope="module")
def state() -> TrainState:
    return TrainState.build(small_config(objective="infonce"))


def test_large_embeddings_are_kept(state: TrainState) -> None:
    batch = whole(state.task.test)
    output = evaluation.forward(state, batch)
    large = replace(output, z={name: z * 1e6 for name, z in output.z.items()})
    z = evaluation.picture(state, large, batch).z
    assert np.isfinite(z).all() and np.allclose(z, torch.stack(list(large.z.values())).detach().numpy(), rtol=1e-3)
    assert evaluation.picture(state, output, batch).z.dtype == np.float16


def test_more_classes_than_a_byte_counts() -> None:
    """300 modulo 256 is 44: another class."""
    kept = evaluation._classes(torch.tensor([0, 255, 256, 300]))
    assert kept.tolist() == [0, 255, 256, 300] and kept.dtype == np.uint16
    assert evaluation._classes(torch.tensor([0, 255])).dtype == np.uint8


def test_doubt_that_is_no_number_is_full_doubt() -> None:
    assert evaluation._bytes(torch.tensor([0.0, 1.0, 1.2, float("nan")])).tolist() == [0, 255, 255, 255]


def test_a_look_that_is_no_number_is_left_out(state: TrainState, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = whole(state.task.test)
    given = {
        "share": Diagnostic((("a",),), torch.tensor([float("nan")])),
        "weight": Diagnostic((("a",),), torch.tensor([0.5])),
    }
    monkeypatch.setattr(state.model, "diagnostics", lambda output, present: given)
    assert set(evaluation.picture(state, evaluation.forward(state, batch), batch).diagnostics) == {"weight"}


def test_embeddings_that_are_not_finite_have_no_figures_but_a_picture(
    state: TrainState, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = evaluation.forward(state, whole(state.task.test))
    broken = {name: z.clone() for name, z in output.z.items()}
    broken["x1"][3] = float("nan")
    monkeypatch.setattr(evaluation, "forward", lambda state, batch: replace(output, z=broken))
    seen = evaluation.evaluate(state, frames=True)
    assert set(seen.values) == {"test/loss", "test/loss/infonce"} and seen.frame is not None
    assert np.isnan(seen.frame.z).any(2).sum() == 1
