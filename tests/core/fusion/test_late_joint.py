"""Joint late fusion: one loss, the sum of what each says."""

from __future__ import annotations

import torch

from core.objectives import build_objective
from tests.core.test_promises import batch_of, build


def test_it_is_the_sum_of_what_each_says_alone() -> None:
    model, batch = build("late_joint", 3), batch_of(3)
    together = model(batch).prediction
    alone = []
    for name in model.names:
        present = {other: torch.full((9,), other == name) for other in model.names}
        alone.append(model(type(batch)(batch.inputs, present, batch.target, batch.pair, batch.index)).prediction)
    assert torch.allclose(together, torch.stack(alone).sum(0), atol=1e-6)


def test_what_one_sense_learns_depends_on_the_other() -> None:
    """And in no other late method: an expert's gradient is its own affair."""

    def gradient(name: str, scale: float) -> torch.Tensor:
        model, batch = build(name), batch_of()
        with torch.no_grad():
            model.heads["audio"].bias.mul_(scale)
        objective = build_objective("classification", {})
        objective.total(objective(model(batch), batch)).backward()
        return model.heads["image"].weight.grad

    assert not torch.allclose(gradient("late_joint", 1.0), gradient("late_joint", 50.0))
    assert torch.equal(gradient("late_average", 1.0), gradient("late_average", 50.0))


def test_it_shows_each_ones_share_of_the_sum() -> None:
    model, batch = build("late_joint"), batch_of()
    with torch.no_grad():
        model.heads["audio"].weight.zero_()
        model.heads["audio"].bias.zero_()
    assert model.diagnostics(model(batch), batch.present)["share"].mean.tolist() == [1.0, 0.0]
