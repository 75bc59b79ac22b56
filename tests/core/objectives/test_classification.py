"""Classification against torch's own."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_it_is_torchs(smoothing: float) -> None:
    draw = torch.Generator().manual_seed(0)
    logits, target = torch.randn(8, 5, generator=draw), torch.randint(5, (8,), generator=draw)
    loss = loss_of("classification", Output(prediction=logits), batch_of(target), smoothing=smoothing)
    assert float(loss) == pytest.approx(float(F.cross_entropy(logits, target, label_smoothing=smoothing)))
