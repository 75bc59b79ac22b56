"""The promises of every strategy, by being in the table."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch

from core import catalog
from core.balancing import STRATEGIES
from core.catalog import compatibility
from core.catalog.parameters import Parameter
from core.config import RunConfig
from core.errors import ConfigError
from core.runs import Runs, store
from core.training.loop import Step, train
from core.training.recorder import record
from tests.conftest import SMALL, epochs_of

every_strategy = pytest.mark.parametrize("name", STRATEGIES)
ROOT = Path(__file__).resolve().parents[3]
TWO = "classification+infonce"


def config_of(name: str, fusion: str = "", objective: str = TWO, **settings: object) -> RunConfig:
    """A small run under a strategy, on the first feature fusion it goes with."""
    fusion = fusion or feature_fusion(name)
    named = {key.replace("__", "."): value for key, value in settings.items()}
    return RunConfig.make("interactions", fusion, objective, {**SMALL, "strategy": name, **named})


def feature_fusion(name: str) -> str:
    fusions = compatibility.goes_with()["strategies"][name]["fusions"]
    return next(fusion for fusion in fusions if catalog.fusion(fusion)["stage"] == "feature")


def curve(config: RunConfig) -> list[tuple[int, dict[str, float]]]:
    return [(step.step, step.values) for step in epochs_of(config)]


def fits(name: str, objective: str) -> bool:
    entry, terms = catalog.strategy(name), catalog.terms(objective)
    target = next((term["target"] for term in terms if term["target"]), "")
    fits = bool(target) or not entry["needs_target"]
    return len(terms) >= entry["fewest_terms"] and fits and (not entry["targets"] or target in entry["targets"])


@every_strategy
def test_same_seed_same_curve(name: str) -> None:
    assert curve(config_of(name)) == curve(config_of(name))
    assert curve(config_of(name)) != curve(config_of(name, seed=1))


@every_strategy
def test_it_is_not_plain_training(name: str) -> None:
    if name != "none":
        fusion = config_of(name).fusion
        ours, plain = curve(config_of(name)), curve(config_of("none", fusion))
        assert [v["test/loss"] for _, v in ours if "test/loss" in v] != [
            v["test/loss"] for _, v in plain if "test/loss" in v
        ]


PARAMETERS = [(strategy.name, parameter) for strategy in STRATEGIES.values() for parameter in strategy.hyperparameters]


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS, ids=lambda v: getattr(v, "name", v))
def test_every_parameter_changes_the_run(name: str, parameter: Parameter) -> None:
    fusion = config_of(name).fusion
    plain = config_of(name, fusion, epochs=4)
    value = another(parameter.among(catalog.modalities(catalog.dataset("interactions"), {})))
    changed = config_of(name, fusion, epochs=4, **{f"strategy.{parameter.name}": value})
    assert [v["test/loss"] for _, v in curve(plain) if "test/loss" in v] != [
        v["test/loss"] for _, v in curve(changed) if "test/loss" in v
    ]


def another(parameter: Parameter) -> object:
    """A value that is not the default."""
    if parameter.kind == "bool":
        return not parameter.default
    if parameter.choices:
        return next(choice for choice in parameter.choices if choice != parameter.default)
    assert parameter.low is not None and parameter.high is not None
    value = parameter.low if parameter.default != parameter.low else (parameter.low + parameter.high) / 4
    return int(value) if parameter.kind == "int" else value


@every_strategy
def test_stopped_and_resumed_is_bit_equal(name: str, tmp_path: Path, train_to_end) -> None:
    """Through the folder: what a strategy remembers lies in the checkpoint."""
    config = config_of(name, epochs=5)
    whole = train_to_end(config, tmp_path / "whole")
    runs = Runs(tmp_path / "parts")
    folder, _ = runs.open(config)
    for status in record(folder):
        if status["epoch"] >= 3 and status["status"] == "running":
            runs.stop(folder.name)
    assert store.read_status(folder)["status"] == "stopped"
    assert runs.open(config) == (folder, "resume")
    list(record(folder))
    assert curves(folder) == curves(whole)
    assert store.read_json(folder / "result.json")["metrics"] == store.read_json(whole / "result.json")["metrics"]


def curves(folder: Path) -> list[dict[str, float]]:
    return [{k: v for k, v in r.items() if k != "seconds"} for r in store.read_records(folder)]


LEGAL = [(name, fusion) for name in STRATEGIES for fusion in compatibility.goes_with()["strategies"][name]["fusions"]]


@pytest.mark.parametrize(("name", "fusion"), LEGAL)
def test_it_trains_every_fusion_it_goes_with(name: str, fusion: str) -> None:
    joint = catalog.fusion(fusion)["joint"]
    for objective in ("classification", TWO if joint else "classification", "infonce" if joint else "classification"):
        if not fits(name, objective) or (objective == "infonce" and catalog.fusion(fusion)["stage"] == "input"):
            continue
        way = train if name == "none" else epochs_of  # what is looked at in the end knows no strategy
        last = list(way(config_of(name, fusion, objective, epochs=1)))[-1]
        assert all(math.isfinite(value) for value in last.values.values())


ILLEGAL = [(name, f) for name in STRATEGIES for f in catalog.names("fusions") if (name, f) not in LEGAL]


@pytest.mark.parametrize(("name", "fusion"), ILLEGAL)
def test_what_cannot_be_is_refused_in_a_sentence(name: str, fusion: str) -> None:
    sentence = r"works on fusions of the stages|balances modalities that share one loss"
    objective = TWO if catalog.fusion(fusion)["joint"] else "classification"
    with pytest.raises(ConfigError, match=sentence):
        config_of(name, fusion, objective)


@every_strategy
def test_objectives_that_cannot_be_are_refused_in_a_sentence(name: str) -> None:
    for objective in ("classification", "infonce"):
        if fits(name, objective):
            config_of(name, objective=objective)
        else:
            with pytest.raises(ConfigError, match=r"needs an objective that predicts|losses against each other"):
                config_of(name, objective=objective)


@every_strategy
def test_what_it_tells_is_finite_and_has_a_name(name: str) -> None:
    """A curve "strategy/<what>/<whose>" needs words for <what> in both languages."""
    texts = json.loads((ROOT / "assets" / "texts" / "en.json").read_text(encoding="utf-8"))
    for step in epochs_of(config_of(name)):
        for key, value in step.values.items():
            if key.startswith("strategy/"):
                assert math.isfinite(value) and f"live.curves.balance.{key.split('/')[1]}" in texts


@every_strategy
def test_what_it_learns_moves_and_is_saved(name: str) -> None:
    """Its parameters and buffers lie in the checkpoint under "strategy.", and every parameter is trained."""
    states: list[dict[str, torch.Tensor]] = []
    for step in epochs_of(config_of(name, epochs=2)):
        keep(step, states)
    first, last = states[0], states[-1]
    learnt = [key for key in last if key.startswith("strategy.") and key.endswith((".weight", ".bias"))]
    assert all(not torch.equal(first[key], last[key]) for key in learnt)


def keep(step: Step, states: list[dict[str, torch.Tensor]]) -> None:
    if step.state is not None:
        states.append(step.state())
