"""Choices are checked once, in one sentence, before work starts."""

from __future__ import annotations

import dataclasses
import json

import pytest

from core import catalog
from core.catalog import compatibility
from core.config import RunConfig, parameter_table
from core.config.run_parameters import NEW_DATA, RUN_PARAMETERS
from core.errors import ConfigError
from tests.conftest import small_config


def refused(*args: object, **settings: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        RunConfig.make(*args, settings=settings)  # type: ignore[arg-type]
    return caught.value


def test_defaults_come_from_the_data_set() -> None:
    config = RunConfig.make("interactions")
    entry = catalog.dataset("interactions")
    assert (config.fusion, config.objective) == (entry["default_fusion"], entry["default_objective"])
    assert config.epochs == entry["default_epochs"]


def test_a_field_has_the_default_of_its_parameter() -> None:
    """It is written in two places; what a config leaves out is what page and command line leave out."""
    fields = {field.name: field.default for field in dataclasses.fields(RunConfig)}
    assert {p.name: fields[p.name] for p in (*RUN_PARAMETERS, NEW_DATA)} == {
        p.name: p.default for p in (*RUN_PARAMETERS, NEW_DATA)
    }


@pytest.mark.parametrize("shelf", ["datasets", "fusions", "objectives"])
def test_a_wrong_name_lists_the_right_ones(shelf: str) -> None:
    arguments = {
        "datasets": ("magic",),
        "fusions": ("interactions", "magic"),
        "objectives": ("interactions", None, "magic"),
    }
    sentence = str(refused(*arguments[shelf]))
    assert "magic" in sentence and all(name in sentence for name in catalog.names(shelf))
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", -1),
        ("epochs", 0),
        ("epochs", "many"),
        ("epochs", 1.5),
        ("learning_rate", float("nan")),
        ("learning_rate", "inf"),
        ("batch_size", True),
        ("device", "tpu"),
        ("data.train_noise", -0.1),
        ("data.dim", 1e9),
    ],
)
def test_a_value_out_of_range_names_parameter_and_range(name: str, value: object) -> None:
    sentence = str(refused("interactions", **{name: value}))
    assert sentence.startswith(f"{name} is {value}") and "it takes" in sentence


def test_an_unknown_parameter_lists_the_known_ones() -> None:
    assert "fusion.rank" in str(refused("interactions", "tensor", **{"fusion.rang": 3}))


def test_a_batch_larger_than_the_data() -> None:
    error = refused("interactions", batch_size=500, **{"data.train_size": 100})
    assert error.key == "batch_too_large" and "100" in str(error)


def test_late_methods_refuse_what_compares_modalities() -> None:
    assert refused("interactions", "late_average", "classification+infonce").key == "not_joint"


def test_a_purely_contrastive_objective_needs_encoders() -> None:
    assert refused("interactions", "input_mlp", "infonce").key == "nothing_fused"


def test_epochs_or_seconds() -> None:
    assert refused("interactions", epochs=3, seconds=2.0).key == "epochs_and_seconds"


def test_repeated_terms_are_refused() -> None:
    assert refused("interactions", "concat", "infonce+infonce").key == "repeated_objective"


def test_only_knows_the_modalities() -> None:
    assert RunConfig.make("interactions", "only").fusion_settings["modality"] == "x1"
    assert "x1, x2" in str(refused("interactions", "only", **{"fusion.modality": "smell"}))


def test_plain_data_and_back() -> None:
    config = small_config("tensor", fusion__rank=5, data__train_noise=0.3)
    assert RunConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_what_changed_says_it_all() -> None:
    config = small_config("gated", fusion__gate="modality")
    again = RunConfig.make(config.dataset, config.fusion, config.objective, config.changed())
    assert again == config and "fusion.gate" in config.changed() and "clip_norm" not in config.changed()


@pytest.mark.parametrize("text", ['"x"', "{}", '{"format": 1}', '{"format": 99}'])
def test_foreign_data_is_no_config(text: str) -> None:
    with pytest.raises(ConfigError):
        RunConfig.from_json(json.loads(text))


def test_every_choice_of_the_catalogue_is_a_config() -> None:
    for dataset in catalog.catalog()["datasets"]:
        for fusion in compatibility.goes_with()["datasets"][dataset["name"]]["fusions"]:
            config = RunConfig.make(dataset["name"], fusion)
            assert set(parameter_table(config.dataset, fusion, config.objective)) == set(config.settings())
