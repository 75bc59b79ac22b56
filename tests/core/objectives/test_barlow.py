"""Barlow Twins against numpy's correlation matrix, entry by entry."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of, output_of


def test_it_is_numpys_correlation() -> None:
    output = output_of(30)
    a, b = (output.z[name].detach().numpy() for name in ("a", "b"))
    wanted = 0.0
    for k in range(4):
        for m in range(4):
            c = np.corrcoef(a[:, k], b[:, m])[0, 1]
            wanted += (1 - c) ** 2 / 4 if k == m else 0.1 * c**2 / 4
    loss = loss_of("barlow", output, batch_of(torch.arange(30)), decorrelation=0.1)
    assert float(loss.detach()) == pytest.approx(wanted, abs=1e-5)


def test_it_wants_the_same_axes_on_both_sides() -> None:
    """Uncorrelated coordinates that agree cost nothing; turned by 90 degrees they cost all."""
    frame = torch.linalg.qr(torch.randn(50, 5, generator=torch.Generator().manual_seed(0))).Q
    frame = torch.linalg.qr(frame - frame.mean(0)).Q
    batch = batch_of(torch.arange(50))
    assert float(loss_of("barlow", Output(z={"a": frame, "b": frame}), batch)) == pytest.approx(0, abs=1e-4)
    assert float(loss_of("barlow", Output(z={"a": frame, "b": frame.roll(1, 1)}), batch)) > 1
