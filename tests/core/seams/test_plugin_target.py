"""Seam: a package brings a target, and an objective and a data set that name it; a target that nobody has is a sentence."""

from __future__ import annotations

from pathlib import Path

from core import catalog
from core.config import RunConfig
from core.train import train
from tests.conftest import SMALL

TARGET = """
from core.data.interactions import Interactions
from core.objectives.base import Objective
from core.targets import ClassTarget

class Ours(ClassTarget):
    name = "plug_class"

class Say(Objective):
    name, title, target, reads = "say", "Say it", "plug_class", ("prediction",)

    def forward(self, output, batch):
        return {"say": Ours().losses(output.prediction, batch).mean()}

class Bits(Interactions):
    name, title, targets, default_objective = "plug_bits", "Bits", ("plug_class",), "say"
"""


def test_objective_and_data_name_the_target_of_their_package(site: Path, install) -> None:
    install("iplug", "1", TARGET, datasets="Bits", objectives="Say", targets="Ours")
    assert "test/accuracy" in list(train(RunConfig.make("plug_bits", settings=SMALL)))[-1].values
    assert catalog.shelf("targets")["plug_class"]["source"] == "iplug 1" and not catalog.problems()


def test_a_target_that_nobody_has_costs_what_names_it(site: Path, install) -> None:
    install("jplug", "1", TARGET.replace("class Ours", "class Other"), datasets="Bits", objectives="Say")
    objective, data = catalog.problems()
    assert all("There is no target named 'plug_class'; choose one of: class" in str(one) for one in (objective, data))
