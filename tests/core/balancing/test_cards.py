"""What the card says is what a step does: each strategy against its card in numpy."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.balancing import STRATEGIES, build_strategy
from core.balancing.base import Strategy
from core.fusion.base import Fusion
from core.objectives import build_objective
from core.output import Batch
from tests.core.cards.strategies import SEED, STRATEGY_CARDS, Lesson
from tests.core.cards.table import Array, complaint
from tests.core.test_promises import batch_of, build

THEN = np.array(
    [[1.2, 1.4, 1.3, 1.1], [1.6, 1.5, 1.4, 1.5]]
)  # training and held-out losses of up to three readers and all
NOW = np.array([[0.7, 1.0, 1.5, 0.3], [1.2, 1.6, 1.38, 1.1]])


def variants(name: str) -> Iterator[dict[str, Any]]:
    defaults = {parameter.name: parameter.default for parameter in STRATEGIES[name].hyperparameters}
    yield defaults
    for parameter in STRATEGIES[name].hyperparameters:
        if parameter.kind == "bool":
            yield {**defaults, parameter.name: not parameter.default}
        elif parameter.kind == "choice":
            yield from (
                {**defaults, parameter.name: choice} for choice in parameter.choices if choice != parameter.default
            )
        elif parameter.name in ("weight", "alpha", "rate"):
            yield {**defaults, parameter.name: 0.8}


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_card_is_written_in_numpy(name: str) -> None:
    assert not complaint(STRATEGY_CARDS, name, STRATEGIES[name].formula)
    assert set(STRATEGY_CARDS.written) == set(STRATEGIES)


@pytest.mark.parametrize("objective", ["classification", "classification+infonce", "classification+infonce+vicreg"])
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("name", STRATEGIES)
def test_the_code_is_the_card(name: str, count: int, objective: str) -> None:
    if len(objective.split("+")) < STRATEGIES[name].fewest_terms:
        return
    for parameters in variants(name):
        step = Step(name, count, objective, parameters)
        for what, wanted in STRATEGY_CARDS.written[name](step.lesson()).items():
            found = step.done()[what]
            if what == "loss":
                assert found == pytest.approx(wanted, rel=1e-9)
            else:
                assert found.keys() == wanted.keys()
                for part, value in wanted.items():
                    np.testing.assert_allclose(
                        found[part], value, rtol=1e-5, atol=1e-7, err_msg=f"{what} {part} {parameters}"
                    )


class Step:
    """One step of a small model, in double precision, on samples some of which lack a modality."""

    def __init__(self, name: str, count: int, objective: str, parameters: dict[str, Any]) -> None:
        self.parameters = {**parameters, "then": THEN[:, 3 - count :], "now": NOW[:, 3 - count :]}
        self.batch, self.model = lacking(batch_of(count, rows=12)), build("concat", count).double()
        self.objective = build_objective(objective, {}).double()
        self.strategy = self.built(name, parameters).double()

    def built(self, name: str, parameters: dict[str, Any]) -> Strategy:
        strategy = build_strategy(name, self.model.spec, dict(parameters))
        if name == "gradient_blending":  # measured twice, as if by the loop
            measured = iter([torch.tensor(self.parameters["then"]), torch.tensor(self.parameters["now"])] * 2)
            pair: list[Tensor] = []

            def losses(session: object, split: object) -> Tensor:
                if not pair:
                    pair.extend(next(measured))
                return pair.pop(0)

            strategy.double()
            strategy._losses, strategy.trained, strategy.held = losses, None, None
            for epochs in (0, strategy.every):
                strategy.after_epoch(SimpleNamespace(trained_epochs=epochs))
        return strategy

    def losses(self, batch: Batch) -> tuple[Any, dict[str, Tensor], dict[str, Tensor]]:
        output = self.model(batch)
        return output, self.objective(output, batch), self.strategy.losses(output, batch)

    def lesson(self) -> Lesson:
        output, losses, added = self.losses(self.batch)
        named = {**losses, **added}
        gradients = {loss: gradients_of(value, self.model) for loss, value in named.items()}
        owners = {
            name: [key for key, p in self.model.named_parameters() if any(p is own for own in parameters)]
            for name, parameters in self.model.modality_parameters().items()
        }
        heads = self.strategy.readers.heads if getattr(self.strategy, "readers", None) else {}
        return Lesson(
            inputs=plain(self.batch.inputs),
            here=plain(self.batch.present),
            target=self.batch.target.numpy(),
            z=plain(output.z),
            readers={name: (plain_of(head.weight), plain_of(head.bias)) for name, head in heads.items()},
            alone={name: plain_of(self.model(only(self.batch, name)).prediction) for name in self.batch.inputs},
            losses={loss: float(value.detach()) for loss, value in losses.items()},
            gradients=gradients,
            owners=owners,
            parameters=self.parameters,
        )

    def done(self) -> dict[str, Any]:
        """As the loop does it."""
        torch.manual_seed(SEED)
        batch = self.strategy.transform_batch(self.batch)
        output, losses, added = self.losses(batch)
        loss = self.strategy.total(self.objective.total(losses), added)
        self.model.zero_grad()
        self.strategy.backward(loss, self.objective.weighted(losses) | added, self.model)
        self.strategy.modulate_gradients(self.model, output, batch)
        gradient = {name: plain_of(p.grad) for name, p in self.model.named_parameters()}
        return {"loss": float(loss.detach()), "gradient": gradient, "input": plain(batch.inputs)}


def lacking(batch: Batch) -> Batch:
    """Doubles; two samples lack one modality each."""
    here = {name: torch.arange(len(batch)) != 3 + 4 * place for place, name in enumerate(batch.present)}
    inputs = {
        name: (x if x.dtype == torch.long else x.double()) * here[name].view(-1, *[1] * (x.dim() - 1))
        for name, x in batch.inputs.items()
    }
    return Batch(inputs, here, batch.target, torch.arange(len(batch)), batch.index)


def only(batch: Batch, name: str) -> Batch:
    here = {n: p if n == name else torch.zeros_like(p) for n, p in batch.present.items()}
    inputs = {n: x if n == name else torch.zeros_like(x) for n, x in batch.inputs.items()}
    return Batch(inputs, here, batch.target, batch.pair, batch.index)


def gradients_of(loss: Tensor, model: Fusion) -> dict[str, Array]:
    """parameter -> this loss's own gradient, zeros where it does not reach."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
    return {n: np.zeros(p.shape) if g is None else g.numpy() for n, p, g in zip(names, parameters, found, strict=True)}


def plain_of(value: Tensor | nn.Parameter | None) -> Array:
    assert value is not None
    return value.detach().numpy().copy()


def plain(values: dict[str, Tensor]) -> dict[str, Array]:
    return {name: plain_of(value) for name, value in values.items()}
