"""What the card says is what the code computes: each fusion against its card in numpy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.encoders import raw_features
from core.encoders.pieces import pieces
from core.fusion import FUSIONS, build_model
from core.fusion.base import DecisionFusion, FeatureFusion, Fusion, ModelSpec
from core.output import Batch, Output
from tests.core.cards.attending import ATTENDING
from tests.core.cards.early import EARLY
from tests.core.cards.feature import FEATURE
from tests.core.cards.late import LATE
from tests.core.cards.model import Model
from tests.core.cards.table import Array, complaint, softmax
from tests.core.test_promises import CLASSES, SENSES, batch_of

CARDS = EARLY | FEATURE | ATTENDING | LATE
ROWS, WIDTH = 7, 12
PRIOR = (0.1, 0.15, 0.2, 0.25, 0.3)
ODD = {"sharpness": 2.0, "threshold": 0.4, "sparsity": 0.02, "floor": 0.1, "temperature": 2.5, "hidden": 16, "core": 6}
OTHER = {
    "layers": 3,
    "heads": 3,
    "rank": 2,
    "chosen": 1,
    "folds": 2,
}  # than the default, where a sum or a loop may hide


@pytest.fixture(autouse=True)
def _doubles() -> Iterator[None]:
    torch.set_default_dtype(torch.double)
    yield
    torch.set_default_dtype(torch.float)


def variants(name: str, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    table = {parameter.name: parameter.among(names) for parameter in FUSIONS[name].hyperparameters}
    plain = {key: ODD.get(key, parameter.default) for key, parameter in table.items()}
    yield plain
    yield plain | {key: value for key, value in OTHER.items() if key in table}
    for key, parameter in table.items():
        yield from ({**plain, key: choice} for choice in parameter.choices if choice != parameter.default)


@pytest.mark.parametrize("name", FUSIONS)
def test_the_card_is_written_in_numpy(name: str) -> None:
    assert not complaint(CARDS, name, FUSIONS[name].formula)
    assert set(CARDS.written) == set(FUSIONS)


@pytest.mark.parametrize("lacks", [False, True], ids=["all", "some missing"])
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("name", FUSIONS)
def test_the_code_is_the_card(name: str, count: int, lacks: bool) -> None:
    modalities = dict(list(SENSES.items())[:count])
    batch = drawn(count, lacks)
    for parameters in variants(name, tuple(modalities)):
        model = build_model(name, ModelSpec(modalities, WIDTH, CLASSES, 0, PRIOR), parameters)
        randomise(model)
        for training in [False, True] if hasattr(model, "folds") else [False]:
            model.train(training)
            with torch.no_grad():
                output = model(batch)
                wanted = CARDS.written[name](read(model, batch, output, parameters))
            found = shown(output, model, wanted)
            for what, value in wanted.items():
                np.testing.assert_allclose(found[what], value, rtol=1e-6, atol=1e-7, err_msg=f"{what} {parameters}")


def drawn(count: int, lacks: bool) -> Batch:
    """Sentences of two and three words; where a modality is absent its numbers are garbage. Nobody lacks all."""
    batch = batch_of(count, rows=ROWS)
    inputs = {name: x if x.dtype == torch.long else x.double() for name, x in batch.inputs.items()}
    if "text" in inputs:
        inputs["text"][::2, 2] = 0
    here = {name: torch.ones(ROWS, dtype=torch.bool) for name in inputs}
    if lacks:
        for place, name in enumerate(here):
            here[name][1 + 2 * place] = False
            here[name][0] = place == 0
    index = torch.arange(ROWS) + 3
    return replace(batch, inputs=inputs, present=here, index=index)


def randomise(model: Fusion) -> None:
    """No bias is zero, no gain one; padding stays a zero, and one expert's logits lie low."""
    draw = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=draw))
        for module in model.modules():
            if isinstance(module, nn.Embedding) and module.padding_idx is not None:
                module.weight[module.padding_idx] = 0
        if isinstance(model, DecisionFusion):
            model.heads[model.names[0]].bias.sub_(5.0)  # so low that some energies of `qmf` are negative


def read(model: Fusion, batch: Batch, output: Output, parameters: dict[str, Any]) -> Model:
    """What the card is computed from: raw samples, the encoders' embeddings and tokens, and the weights."""
    modalities = model.spec.modalities
    cut = {name: pieces(modality, WIDTH) for name, modality in modalities.items()}
    folds = [plain(fold.ask(batch).z) for fold in model.folds] if model.training and hasattr(model, "folds") else []
    parts = {name: cut[name].cut(batch.inputs[name]) for name in modalities}
    words = {name: parts[name] != 0 for name, modality in modalities.items() if modality.kind == "text"}
    weights = plain(dict(model.state_dict()))
    for name in words:
        parts[name] = nn.functional.one_hot(parts[name], modalities[name].vocabulary).double()
        table = weights.pop(f"pieces.{name}.read.weight", None)
        if table is not None:  # a row a word: the matrix that reads them as vectors of one 1
            weights[f"pieces.{name}.read.weight"] = table.T
    return Model(
        names=model.names,
        width=WIDTH,
        weights=weights,
        parameters=parameters,
        here=plain(batch.present),
        raw={name: raw_features(m, batch.inputs[name]).numpy() for name, m in modalities.items()},
        pieces=plain(parts),
        words=plain(words),
        z=plain(output.z),
        tokens=plain(output.tokens),
        folds=folds,
        index=batch.index.numpy(),
        prior=np.array(PRIOR),
    )


def shown(output: Output, model: Fusion, wanted: dict[str, Array]) -> dict[str, Array]:
    """What the code says of each thing that the card speaks of; and that the head of a fused h is a linear one."""
    assert output.prediction is not None
    found = {"y": output.prediction.numpy(), "p": softmax(output.prediction.numpy())}
    if output.h is not None:
        found["h"] = output.h.numpy()
    if output.uncertainty is not None:
        found["u"] = output.uncertainty.numpy()
    if output.penalties:
        (penalty,) = output.penalties.values()
        found["penalty"] = penalty.numpy()
    if isinstance(model, FeatureFusion):
        weights = plain(dict(model.state_dict()))
        wanted["y"] = wanted["h"] @ weights["head.weight"].T + weights["head.bias"]
    return found


def plain(values: dict[str, Tensor]) -> dict[str, Array]:
    return {name: value.detach().numpy().copy() for name, value in values.items()}
