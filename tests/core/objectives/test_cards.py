"""What the card says is what the code computes: each objective against its card in numpy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from core.objectives import OBJECTIVES
from core.output import Batch, Output
from tests.core.cards.case import Case
from tests.core.cards.contrastive import CONTRASTIVE
from tests.core.cards.predicting import PREDICTING
from tests.core.cards.table import complaint
from tests.core.objectives.cases import SENSES

CARDS = PREDICTING | CONTRASTIVE
ROWS, WIDTH, CLASSES = 10, 4, 3
REAL, BY_CLASS = list(range(ROWS)), [0, 1, 0, 1, 2, 2, 0, 1, 2, 2]


def variants(name: str) -> Iterator[dict[str, object]]:
    """Values that differ from the default where that hides a term, and each choice."""
    odd = {"smoothing": 0.2, "positive_weight": 3.0, "doubt": 0.7, "lam": 2.5, "margin": 1.3, "ridge": 0.4}
    parameters = {
        parameter.name: odd[parameter.name] for parameter in OBJECTIVES[name].hyperparameters if parameter.name in odd
    }
    yield parameters
    for parameter in OBJECTIVES[name].hyperparameters:
        yield from ({**parameters, parameter.name: choice} for choice in parameter.choices)
    if name == "regression":
        yield {"huber": 0.8}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_card_is_written_in_numpy(name: str) -> None:
    assert not complaint(CARDS, name, OBJECTIVES[name].formula)
    assert set(CARDS.written) == set(OBJECTIVES)


@pytest.mark.parametrize("pair", [REAL, BY_CLASS], ids=["real pairs", "by class"])
@pytest.mark.parametrize("lacks", [False, True], ids=["all", "some missing"])
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_code_is_the_card(name: str, count: int, lacks: bool, pair: list[int]) -> None:
    for parameters in variants(name):
        objective = OBJECTIVES[name](**parameters).double()
        learnt = {key: 0.7 + 0.5 * place for place, (key, _) in enumerate(objective.named_parameters())}
        with torch.no_grad():
            for key, value in learnt.items():
                objective.get_parameter(key).fill_(value)
        output, batch = drawn(OBJECTIVES[name].target, count, lacks, pair)
        defaults = {parameter.name: parameter.default for parameter in OBJECTIVES[name].hyperparameters}
        wanted = CARDS.written[name](case_of(output, batch, {**defaults, **parameters, **learnt}))
        with torch.no_grad():
            assert float(objective(output, batch)[name]) == pytest.approx(wanted, rel=1e-9, abs=1e-9), parameters


@pytest.mark.parametrize("name", ["classification", "evidential"])
def test_each_expert_has_the_card_s_loss_over_the_samples_that_it_learns_from(name: str) -> None:
    output, batch = drawn("class", 2, True, REAL)
    objective = OBJECTIVES[name]()
    assert output.prediction is not None
    outputs = {"one": output.prediction, "two": output.prediction.flip(0)}
    taught = {"one": batch.present["a"], "two": batch.present["b"]}
    terms = objective(Output(experts=outputs, taught=taught), batch)
    for expert, logits in outputs.items():
        rows = taught[expert]
        own = Case({}, {}, rows.numpy(), batch.target[rows].numpy(), logits[rows].numpy(), parameters=vars(objective))
        assert float(terms[f"{name}/{expert}"]) == pytest.approx(CARDS.written[name](own), rel=1e-9)


def drawn(target: str, count: int, lacks: bool, pair: list[int]) -> tuple[Output, Batch]:
    """Random embeddings and predictions; garbage where a modality is absent, which the loss may not read."""
    draw = torch.Generator().manual_seed(count)
    names = SENSES[:count]
    z = {name: torch.randn(ROWS, WIDTH, generator=draw, dtype=torch.double) for name in names}
    here = {name: torch.ones(ROWS, dtype=torch.bool) for name in names}
    if lacks:
        here["a"][3], here["b"][6] = False, False
    labels = torch.randint(2, (ROWS, CLASSES), generator=draw)
    values = torch.randn(ROWS, CLASSES, generator=draw, dtype=torch.double)
    ids = torch.tensor(pair)
    outputs = 2 * torch.randn(ROWS, CLASSES, generator=draw, dtype=torch.double)
    batch = Batch({}, here, torch.tensor(BY_CLASS), ids, torch.arange(ROWS), {"labels": labels, "value": values})
    return Output(z=z, prediction=outputs if target else None), batch


def case_of(output: Output, batch: Batch, parameters: dict[str, object]) -> Case:
    def plain(values: dict[str, Tensor]) -> dict:
        return {name: value.numpy() for name, value in values.items()}

    case = Case(plain(output.z), plain(batch.present), batch.pair.numpy(), batch.target.numpy(), parameters=parameters)
    if output.prediction is not None:
        case.predictions = output.prediction.numpy()
        case.truth = batch.targets["labels" if "positive_weight" in parameters else "value"].numpy()
    return case
