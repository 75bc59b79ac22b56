"""Auxiliary losses: the readers' loss by hand, for each kind of target, over those who have the modality."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from core.balancing.auxiliary import Auxiliary
from core.balancing.auxiliary_heads import AuxiliaryHeads
from core.data.base import Modality
from core.fusion.base import ModelSpec
from core.output import Batch, Output
from core.targets import TARGETS


def spec(target: str = "class", seed: int = 0) -> ModelSpec:
    modalities = {n: Modality("features", (3,)) for n in ("x", "y")}
    return ModelSpec(modalities, width=4, classes=3, seed=seed, target=TARGETS[target])


def batch_of(rows: int = 6) -> Batch:
    draw = torch.Generator().manual_seed(0)
    target = torch.randint(3, (rows,), generator=draw)
    present = {"x": torch.ones(rows, dtype=torch.bool), "y": torch.arange(rows) < 2}
    targets = {
        "labels": torch.randint(2, (rows, 3), generator=draw),
        "value": torch.randn(rows, 3, generator=draw),
    }
    return Batch({}, present, target, target, torch.arange(rows), targets)


def embeddings(rows: int = 6) -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(1)
    return {name: torch.randn(rows, 4, generator=draw).requires_grad_() for name in ("x", "y")}


def test_by_hand_over_those_who_are_there() -> None:
    batch, z, strategy = batch_of(), embeddings(), Auxiliary(spec(), weight=2.0)
    losses = strategy.losses(Output(z=z), batch)
    head = strategy.readers.heads["y"]
    by_hand = F.cross_entropy(z["y"][:2] @ head.weight.T + head.bias, batch.target[:2])
    assert float(losses["auxiliary/y"].detach()) == pytest.approx(2 * float(by_hand.detach()), rel=1e-6)
    losses["auxiliary/y"].backward()
    assert z["y"].grad[:2].abs().sum() > 0 and z["y"].grad[2:].abs().sum() == 0 and z["x"].grad is None


@pytest.mark.parametrize(
    ("target", "loss"),
    [("labels", F.binary_cross_entropy_with_logits), ("value", F.mse_loss)],
)
def test_labels_and_values(target: str, loss) -> None:
    batch, z, readers = batch_of(), embeddings(), AuxiliaryHeads(spec(target))
    by_hand = loss(readers(z)["x"], batch.targets[target].float())
    assert float(readers.losses(z, batch)["x"].detach()) == pytest.approx(float(by_hand.detach()), rel=1e-6)


def test_nobody_there_costs_nothing() -> None:
    batch, z, readers = batch_of(), embeddings(), AuxiliaryHeads(spec())
    nobody = Batch({}, {n: torch.zeros_like(here) for n, here in batch.present.items()}, *_rest(batch))
    assert all(loss.item() == 0 for loss in readers.losses(z, nobody).values())


def _rest(batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return batch.target, batch.pair, batch.index


def test_first_weights_follow_the_seed_and_the_sense() -> None:
    one, same, other = (AuxiliaryHeads(spec(seed=seed)).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["heads.x.weight"], other["heads.x.weight"])
    assert not torch.equal(one["heads.x.weight"], one["heads.y.weight"])
