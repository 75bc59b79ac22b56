"""The evidential loss against torch's own Dirichlet, and against a mean over draws from it."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Dirichlet, kl_divergence

from core.fusion.dirichlet import evidence, uncertainty
from core.output import Output
from tests.core.objectives.cases import batch_of, loss_of


def case(rows: int = 8, classes: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    return 2 * torch.randn(rows, classes, generator=draw), torch.randint(classes, (rows,), generator=draw)


def test_the_fit_is_the_expected_cross_entropy() -> None:
    logits, target = case(4)
    torch.manual_seed(0)
    p = Dirichlet(evidence(logits.double()) + 1).sample((200_000,))
    expected = -p.log()[:, torch.arange(4), target].mean()
    loss = loss_of("evidential", Output(prediction=logits), batch_of(target), doubt=0.0)
    assert float(loss) == pytest.approx(float(expected), abs=0.01)


@pytest.mark.parametrize("doubt", [0.1, 1.0])
def test_doubt_is_the_divergence_from_knowing_nothing_of_the_wrong_classes(doubt: float) -> None:
    logits, target = case()
    wrong = evidence(logits) + 1
    wrong[torch.arange(8), target] = 1.0
    kl = kl_divergence(Dirichlet(wrong), Dirichlet(torch.ones_like(wrong))).mean()
    output, batch = Output(prediction=logits), batch_of(target)
    with_, without = (float(loss_of("evidential", output, batch, doubt=d)) for d in (doubt, 0.0))
    assert with_ - without == pytest.approx(doubt * float(kl), rel=1e-4)


def test_one_term_an_expert_over_what_it_learns_from() -> None:
    from core.objectives import build_objective

    logits, target = case()
    here = torch.arange(8) < 5
    output = Output(experts={"a": logits, "b": logits}, taught={"a": here, "b": torch.ones(8, dtype=torch.bool)})
    terms = build_objective("evidential", {})(output, batch_of(target))
    alone = loss_of("evidential", Output(prediction=logits[:5]), batch_of(target[:5]))
    assert float(terms["evidential/a"]) == pytest.approx(float(alone), rel=1e-5)
    assert set(terms) == {"evidential/a", "evidential/b"}


@pytest.mark.parametrize("doubt", [0.1, 1.0])
def test_what_cannot_be_told_is_claimed_by_nobody(doubt: float) -> None:
    """One input, labels that are coin flips, and one input whose label is certain: fitted freely, the first is less sure."""
    target = torch.tensor([0, 1] * 8 + [2] * 16)
    unclear = torch.arange(32) < 16
    free = torch.zeros(2, 5, requires_grad=True)
    optimizer = torch.optim.Adam([free], lr=0.05)
    for _ in range(800):
        optimizer.zero_grad()
        logits = torch.where(unclear.unsqueeze(1), free[0], free[1])
        loss_of("evidential", Output(prediction=logits), batch_of(target), doubt=doubt).backward()
        optimizer.step()
    u = uncertainty(evidence(free.detach()))
    assert float(u[0]) > 3 * float(u[1])
    assert set(free[0].topk(2).indices.tolist()) == {0, 1} and int(free[1].argmax()) == 2
