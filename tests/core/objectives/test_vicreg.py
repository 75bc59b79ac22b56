"""VICReg against numpy's covariance, term by term."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of, output_of


@pytest.mark.parametrize("weights", [(25.0, 25.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
def test_it_is_the_papers_three_terms(weights: tuple[float, float, float]) -> None:
    output = output_of(30)
    a, b = (output.z[name].detach().double().numpy() * 0.7 for name in ("a", "b"))
    z = {name: output.z[name] * 0.7 for name in ("a", "b")}
    variance = covariance = 0.0
    for x in (a, b):
        variance += np.maximum(0, 1 - np.sqrt(x.var(0, ddof=1) + 1e-4)).mean() / 2
        c = np.cov(x.T)
        covariance += ((c - np.diag(np.diag(c))) ** 2).sum() / 4
    wanted = np.dot(weights, [((a - b) ** 2).mean(), variance, covariance])
    named = dict(zip(("invariance", "variance", "covariance"), weights, strict=True))
    loss = loss_of("vicreg", Output(z=z), batch_of(torch.arange(30)), **named)
    assert float(loss.detach()) == pytest.approx(wanted, rel=1e-4)
