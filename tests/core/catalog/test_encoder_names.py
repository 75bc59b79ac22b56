"""An encoder is chosen per modality; what links and runs of before say by kind goes on meaning what it meant."""

from __future__ import annotations

import pytest

from core import catalog
from core.catalog.encoder_names import by_setting, setting_names
from core.config import RunConfig
from core.errors import ConfigError
from core.training.state import TrainState

TWO_IMAGES = {
    "modalities": [
        {"name": "front", "kind": "image", "when": ""},
        {"name": "side", "kind": "image", "when": "with_side"},
        {"name": "note", "kind": "text", "when": ""},
    ],
    "default_encoders": {"image": "lenet", "front": "patches"},
}


def test_a_modality_has_its_own_choice_and_its_kinds_name_where_it_is_alone() -> None:
    assert setting_names(TWO_IMAGES) == {"front": "front", "side": "side", "note": "text"}
    assert setting_names(catalog.dataset("captions")) == {"image": "image", "caption": "text"}
    choices = {p.name: p.default for p in catalog.encoder_choices(TWO_IMAGES, ("front", "side", "note"))}
    assert choices["front"] == "patches" and choices["side"] == "lenet" and set(choices) == {"front", "side", "text"}


def test_a_kinds_name_is_never_that_of_another_modality() -> None:
    odd = {"modalities": [{"name": "text", "kind": "image"}, {"name": "words", "kind": "text"}]}
    assert setting_names(odd) == {"text": "image", "words": "words"}
    assert by_setting(odd, {"encoder.text": "lenet"}) == {"encoder.image": "lenet"}


def test_a_kind_means_all_of_it_that_are_not_named_themselves() -> None:
    given = {"encoder.image": "lenet", "encoder.side": "patches", "encoder.note": "bag", "width": 8}
    settled = {"encoder.front": "lenet", "encoder.side": "patches", "encoder.text": "bag", "width": 8}
    assert by_setting(TWO_IMAGES, given) == by_setting(TWO_IMAGES, dict(reversed(given.items()))) == settled
    assert by_setting(TWO_IMAGES, {"encoder.image": "lenet"}, {"encoder.front"}) == {"encoder.front": "lenet"}


def test_the_modalitys_name_and_the_kinds_are_one_config_and_reach_the_model() -> None:
    by_kind = RunConfig.make("captions", "concat", settings={"encoder.text": "bag"})
    by_name = RunConfig.make("captions", "concat", settings={"encoder.caption": "bag"})
    assert by_kind == by_name and by_kind.to_json()["encoder_settings"]["text"] == "bag"
    state = TrainState.build(by_name)
    assert state.model.spec.encoders["caption"] == state.model.encoders["caption"].name == "bag"


@pytest.mark.parametrize("name", ["encoder.video", "encoder.audio"])
def test_a_name_that_is_no_modality_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        RunConfig.make("captions", "concat", settings={name: "bag"})
