"""The promises of every fusion and objective, by being in the table. Each was broken in a published toolkit."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core import catalog
from core.catalog import compatibility
from core.catalog.parameters import Parameter
from core.config import RunConfig, parameter_table
from core.data.base import Modality
from core.fusion import FUSIONS, build_model
from core.fusion.base import Fusion, ModelSpec
from core.objectives import OBJECTIVES, build_objective
from core.output import Batch
from core.train import train
from tests.conftest import small_config

CLASSES = 5
SENSES = {
    "image": Modality("image", (1, 8, 8)),
    "audio": Modality("audio", (16, 16)),
    "text": Modality("text", (3,), vocabulary=7),
    "x": Modality("features", (6,)),
    "y": Modality("features", (4,)),
}
every_fusion = pytest.mark.parametrize("name", FUSIONS)


def settings(item, names: tuple[str, ...] = (), **changes):
    """A class's default settings."""
    return {p.name: p.among(names).default if names else p.default for p in item.hyperparameters} | changes


def build(name: str, count: int = 2, seed: int = 0, width: int = 12, **changes) -> Fusion:
    modalities = dict(list(SENSES.items())[:count])
    return build_model(
        name, ModelSpec(modalities, width, CLASSES, seed), settings(FUSIONS[name], tuple(modalities), **changes)
    )


def batch_of(count: int = 2, rows: int = 9, seed: int = 0) -> Batch:
    draw = torch.Generator().manual_seed(seed)
    inputs = {}
    for name, modality in list(SENSES.items())[:count]:
        shape = (rows, *modality.shape)
        words = torch.randint(1, 7, shape, generator=draw)
        inputs[name] = words if modality.kind == "text" else torch.randn(shape, generator=draw)
    target = torch.randint(CLASSES, (rows,), generator=draw)
    present = {name: torch.ones(rows, dtype=torch.bool) for name in inputs}
    return Batch(inputs, present, target, target.clone(), torch.arange(rows))


PREDICTS = next(o.name for o in OBJECTIVES.values() if o.target == "class")
COMPARES = [o.name for o in OBJECTIVES.values() if o.joint]


def objective_for(model: Fusion):
    """Everything this fusion can be trained with at once: one that predicts, and all that compare modalities."""
    return build_objective("+".join([PREDICTS, *(COMPARES if model.joint else [])]), {})


def rows_of(batch: Batch, rows) -> Batch:
    return batch.rows(rows)


@every_fusion
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_shapes_with_any_number_of_modalities(name: str, count: int) -> None:
    entry = catalog.fusion(name)
    if count < entry["fewest"] or (entry["most"] and count > entry["most"]):
        return  # the catalogue says in one sentence that it does not (tested in test_config)
    output = build(name, count)(batch_of(count))
    assert output.prediction is not None and output.prediction.shape == (9, CLASSES)
    assert all(z.shape[0] == 9 and z.dim() == 2 for z in output.z.values())
    assert all(t.shape[0] == 9 and t.dim() == 3 for t in output.tokens.values())


@every_fusion
def test_gradient_reaches_every_modality(name: str) -> None:
    model, batch = build(name), batch_of()
    objective = objective_for(model)
    objective.total(objective(model(batch), batch)).backward()
    for modality, parameters in model.modality_parameters().items():
        assert sum(float(p.grad.abs().sum()) for p in parameters if p.grad is not None) > 0, modality


@every_fusion
def test_a_sample_does_not_depend_on_its_neighbours(name: str) -> None:
    model, batch = build(name), batch_of()
    together, alone = model(batch), model(rows_of(batch, slice(3, 4)))
    assert torch.allclose(together.prediction[3:4], alone.prediction, atol=1e-5)
    for modality, z in together.z.items():
        assert torch.allclose(z[3:4], alone.z[modality], atol=1e-5)


@every_fusion
def test_every_trainable_tensor_moves_and_is_saved(name: str, tmp_path: Path) -> None:
    model, batch = build(name), batch_of(rows=64)
    objective = objective_for(model)
    before = {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}
    optimizer = torch.optim.SGD([*model.parameters(), *objective.parameters()], lr=0.1)
    for _ in range(8):
        optimizer.zero_grad()
        objective.total(objective(model(batch), batch)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # as in training: some terms grow with the fourth power
        optimizer.step()
    still = [n for n, p in model.named_parameters() if p.requires_grad and torch.equal(p, before[n])]
    assert not still
    assert set(before) <= set(model.state_dict())
    save_file({n: t.contiguous() for n, t in model.state_dict().items()}, tmp_path / "m.safetensors")
    again = build(name, seed=5)
    again.load_state_dict(load_file(tmp_path / "m.safetensors"))
    assert torch.equal(model(batch).prediction, again(batch).prediction)


@every_fusion
def test_first_weights_follow_the_seed(name: str) -> None:
    torch.manual_seed(1)
    one = build(name).state_dict()
    torch.manual_seed(2)  # the global state has no say
    same, other = build(name).state_dict(), build(name, seed=1).state_dict()
    assert all(torch.equal(one[n], same[n]) for n in one)
    assert any(not torch.equal(one[n], other[n]) for n in one)


@every_fusion
@pytest.mark.parametrize("gone", ["image", "audio"])
def test_an_absent_modality_says_nothing(name: str, gone: str) -> None:
    """What lies in an absent modality's tensor does not matter, and the result is finite."""
    model, batch = build(name), batch_of()
    absent = {n: here if n != gone else torch.zeros_like(here) for n, here in batch.present.items()}
    garbage = {n: x if n != gone else torch.zeros_like(x) for n, x in batch.inputs.items()}
    clean = model(Batch(garbage, absent, batch.target, batch.pair, batch.index))
    noisy = model(Batch({**garbage, gone: batch.inputs[gone]}, absent, batch.target, batch.pair, batch.index))
    assert clean.prediction.isfinite().all() and torch.equal(clean.prediction, noisy.prediction)


@every_fusion
def test_one_row_and_a_partial_batch(name: str) -> None:
    model = build(name)
    objective = objective_for(model)
    for rows in (1, 3):
        batch = batch_of(rows=rows)
        assert objective.total(objective(model(batch), batch)).isfinite()


@cache
def learned(name: str) -> torch.Tensor:
    """Probabilities after three steps: methods that begin alike may still teach differently."""
    model, batch = build(name), batch_of(rows=64)
    objective = build_objective(PREDICTS, {})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for _ in range(3):
        optimizer.zero_grad()
        objective.total(objective(model(batch), batch)).backward()
        optimizer.step()
    return model(batch).prediction.softmax(1).detach()


@every_fusion
def test_no_method_is_another_one_renamed(name: str) -> None:
    """Same seed, same encoders, same batch: other predictions than every other method's."""
    for other in FUSIONS:
        if other != name:
            assert not torch.allclose(learned(name), learned(other), atol=1e-4), other


@every_fusion
def test_what_it_shows_is_finite_and_named(name: str) -> None:
    model, batch = build(name), batch_of()
    for look in model.diagnostics(model(batch), batch.present).values():
        assert tuple(look.mean.shape) == tuple(len(axis) for axis in look.axes) and look.mean.isfinite().all()


def another(parameter: Parameter, names: tuple[str, ...]):
    """A value that is not the default."""
    parameter = parameter.among(names)
    if parameter.kind == "bool":
        return not parameter.default
    if parameter.choices:
        return next(c for c in parameter.choices if c != parameter.default)
    low, high = parameter.low, parameter.high
    value = low if parameter.default != low else min(high, (low + high) / 4)
    return int(value) if parameter.kind == "int" else value


FUSION_PARAMETERS = [(f.name, p) for f in FUSIONS.values() for p in f.hyperparameters]


@pytest.mark.parametrize(("name", "parameter"), FUSION_PARAMETERS, ids=lambda v: getattr(v, "name", v))
def test_every_parameter_of_a_fusion_changes_something(name: str, parameter: Parameter) -> None:
    value = another(parameter, ("image", "audio"))
    batch = batch_of(rows=200)
    one = build(name)
    two = build(name, **{parameter.name: value})
    for model in (one, two):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
        objective = build_objective("classification", {})
        for _ in range(3):
            optimizer.zero_grad()
            objective.total(objective(model(batch), batch)).backward()
            optimizer.step()
    ours, theirs = one(batch).prediction, two(batch).prediction
    assert not torch.equal(ours, theirs)


OBJECTIVE_PARAMETERS = [(o.name, p) for o in OBJECTIVES.values() for p in o.hyperparameters]
SMALL_DATA = {"train_size": 256, "test_size": 64}


def suited(objective: str) -> tuple[str, dict[str, int]]:
    """The first data set of the catalogue that this objective goes with, made small where it can be."""
    for name in compatibility.goes_with()["objectives"][objective]["datasets"]:
        known = {p.name for p in catalog.parameters(catalog.dataset(name))}
        return name, {f"data.{parameter}": size for parameter, size in SMALL_DATA.items() if parameter in known}
    pytest.skip(f"no data set has what {objective} predicts; test_{objective}.py trains it on data of its own")


@pytest.mark.parametrize(("name", "parameter"), OBJECTIVE_PARAMETERS, ids=lambda v: getattr(v, "name", v))
def test_every_parameter_of_an_objective_changes_the_run(name: str, parameter: Parameter) -> None:
    dataset, small = suited(name)
    small |= {"epochs": 1, "width": 16, "batch_size": 64}
    ends = []
    for changed in ({}, {f"objective.{name}.{parameter.name}": another(parameter, ())}):
        steps = list(train(RunConfig.make(dataset, "concat", name, {**small, **changed})))
        ends.append(steps[-1].values)
    assert ends[0] != ends[1]


RUN_PARAMETERS = ["seed", "epochs", "batch_size", "learning_rate", "weight_decay", "clip_norm", "width", "record_every"]


@pytest.mark.parametrize("name", [*RUN_PARAMETERS, "objective.weight.infonce"])
def test_every_parameter_of_a_run_changes_the_curve(name: str) -> None:
    plain = small_config(objective="classification+infonce", epochs=1, batch_size=32)
    value = {"epochs": 2, "batch_size": 16, "weight_decay": 0.9, "clip_norm": 1e-3, "width": 8, "record_every": 3}
    table = parameter_table(plain.dataset, plain.fusion, plain.objective)
    wanted = value.get(name, another(table[name], ()))
    config = RunConfig.make("interactions", "concat", plain.objective, {**plain.changed(), name: wanted})
    assert [s.values for s in train(plain)] != [s.values for s in train(config)]


DATA_PARAMETERS = [(e["name"], Parameter.from_json(p)) for e in catalog.catalog()["datasets"] for p in e["parameters"]]


@pytest.mark.parametrize(("dataset", "parameter"), DATA_PARAMETERS, ids=lambda v: getattr(v, "name", v))
def test_every_parameter_of_a_data_set_changes_its_tensors(dataset: str, parameter: Parameter) -> None:
    from core.data import DATASETS

    small = {p.name: 64 for p in DATASETS[dataset].parameters if p.name in ("train_size", "test_size")}
    plain = {p.name: p.default for p in DATASETS[dataset].parameters} | small
    value = another(parameter, ())
    one = DATASETS[dataset].load(**plain)
    two = DATASETS[dataset].load(**{**plain, parameter.name: 40 if "size" in parameter.name else value})
    same = one.modalities == two.modalities and all(
        torch.equal(getattr(one, split).inputs[n], getattr(two, split).inputs[n])
        and torch.equal(getattr(one, split).target, getattr(two, split).target)
        for split in ("train", "test")
        for n in one.modalities
        if getattr(one, split).inputs[n].shape == getattr(two, split).inputs[n].shape
    )
    sizes = [len(t.train.target) + len(t.test.target) for t in (one, two)]
    assert not same or sizes[0] != sizes[1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@every_fusion
def test_it_learns(name: str, seed: int) -> None:
    """Complementary data: better than the best single modality; synergy only where the senses truly meet."""
    config = RunConfig.make("interactions", name, settings={"seed": seed})
    values = list(train(config))[-1].values
    if catalog.fusion(name)["stage"] == "single":
        assert values["test/accuracy/unique1"] > 0.9 and values["test/accuracy/unique2"] < 0.6
        return
    alone = list(train(RunConfig.make("interactions", "only", settings={"seed": seed})))[-1].values
    if FUSIONS[name].complements:
        assert values["test/accuracy"] > alone["test/accuracy"] + 0.02
    else:  # it says so, and it is so
        assert 2 / 16 < values["test/accuracy"] < alone["test/accuracy"] + 0.02
    synergy = values["test/accuracy/synergy"]
    assert synergy <= 0.55 if FUSIONS[name].additive else synergy >= 0.93


@pytest.mark.slow
@every_fusion
def test_digits_are_learned(name: str) -> None:
    values = list(train(RunConfig.make("av_digits", name, settings={"seed": 11})))[-1].values
    assert values["test/accuracy"] >= 0.80
