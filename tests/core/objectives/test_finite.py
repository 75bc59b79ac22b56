"""What must hold for every objective that reads embeddings, by being in the table."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.objectives import OBJECTIVES, build_objective
from core.output import Batch, Output
from tests.core.objectives.cases import batch_of, output_of

CONTRASTIVE = [o.name for o in OBJECTIVES.values() if not o.target]
every = pytest.mark.parametrize("name", CONTRASTIVE)
NOBODY = {"a": torch.zeros(8, dtype=torch.bool)}


def gradients(name: str, output: Output, batch: Batch) -> tuple[float, list[torch.Tensor]]:
    objective = build_objective(name, {})
    loss = objective.total(objective(output, batch))
    return float(loss.detach()), list(torch.autograd.grad(loss, list(output.z.values())))


@every
@pytest.mark.parametrize("rows", [1, 2])
def test_tiny_batches(name: str, rows: int) -> None:
    loss, slopes = gradients(name, output_of(rows), batch_of(torch.arange(rows)))
    assert loss == loss and abs(loss) < 1e4
    assert all(slope.isfinite().all() for slope in slopes)


@every
@pytest.mark.parametrize("value", [0.0, 1.0, -3.0])
def test_equal_embeddings(name: str, value: float) -> None:
    """Square roots and divisions at their worst place."""
    z = {sense: torch.full((8, 4), value).requires_grad_() for sense in ("a", "b")}
    loss, slopes = gradients(name, Output(z=z), batch_of(torch.arange(8)))
    assert abs(loss) < 1e4
    assert all(slope.isfinite().all() for slope in slopes)


@every
def test_all_of_one_class(name: str) -> None:
    loss, slopes = gradients(name, output_of(), batch_of(torch.zeros(8, dtype=torch.long)))
    assert abs(loss) < 1e4
    assert all(slope.isfinite().all() for slope in slopes)


@every
def test_nobody_has_both(name: str) -> None:
    """Constant whatever the embeddings are: there is nothing to compare."""
    _, slopes = gradients(name, output_of(), batch_of(torch.arange(8), NOBODY))
    assert all(slope.isfinite().all() for slope in slopes)
    assert not slopes[0].any()


@every
def test_absent_samples_are_as_if_left_out(name: str) -> None:
    pair = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
    here = torch.tensor([True] * 6 + [False] * 2)
    output, objective = output_of(), build_objective(name, {})
    absent = batch_of(pair, {"a": here, "b": here})
    kept = torch.arange(6)
    wanted = objective.total(objective(output.rows(kept), absent.rows(kept)))
    noise = {sense: torch.where(here[:, None], z, torch.full((), 7.0)) for sense, z in output.z.items()}
    found = objective.total(objective(Output(z=noise), absent))
    assert float(found.detach()) == pytest.approx(float(wanted.detach()), abs=1e-5)


@every
def test_it_does_not_matter_who_comes_first(name: str) -> None:
    output, batch = output_of(), batch_of(torch.arange(8))
    swapped = Output(z={"b": output.z["b"], "a": output.z["a"]})
    objective = build_objective(name, {})
    one, two = (float(objective.total(objective(o, batch)).detach()) for o in (output, swapped))
    assert one == pytest.approx(two, abs=1e-5)


@every
def test_three_modalities_reach_all(name: str) -> None:
    output = output_of(16, count=3)
    batch = batch_of(torch.arange(16) // 2, count=3)
    _, slopes = gradients(name, output, batch)
    assert all(slope.any() for slope in slopes)


@every
def test_the_objective_lowers_itself(name: str) -> None:
    """Its gradient is the gradient of what it says: a small step down the slope lowers it."""
    output, batch = output_of(16), batch_of(torch.arange(16))
    before, slopes = gradients(name, output, batch)
    stepped = {n: (z - 1e-3 * s).detach().requires_grad_() for (n, z), s in zip(output.z.items(), slopes, strict=True)}
    assert gradients(name, replace(output, z=stepped), batch)[0] < before


@every
def test_a_nan_is_a_nan_in_the_loss(name: str) -> None:
    """The loop names the step and the term of a loss that is no number; an exception from inside could not."""
    output = output_of()
    broken = {**output.z, "a": torch.full((8, 4), torch.nan)}
    objective = build_objective(name, {})
    assert objective.total(objective(Output(z=broken), batch_of(torch.arange(8)))).isnan()
