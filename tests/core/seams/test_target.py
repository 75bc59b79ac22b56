"""A target of one's own with loss, metric and view, and a model that gives what no other does: no other file is touched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.catalog.registered import registered
from core.config import RunConfig
from core.data.interactions import Interactions
from core.decoders import build_decoder
from core.fusion.concat import Concat
from core.objectives.base import Objective
from core.runs import frames, store
from core.seeding import initialising
from core.serving.projector import project_run
from core.targets import Target
from core.train import train
from tests.conftest import SMALL


class Place(Target):  # the class as a number: how far along the list it stands
    name, metric, view = "place", "closeness", "ruler"

    def outputs(self, task):
        return 1

    def truth(self, batch):
        return batch.target.float().unsqueeze(1) / 8 - 1

    def score(self, prediction, batch):
        return 1 - (prediction - self.truth(batch)).square().mean() / self.truth(batch).var()

    def shown(self, prediction):
        return {"place": prediction}

    def view_data(self, task, split):
        return {"names": ["how far"]}


class PlaceAndRedraw(Objective):
    name, title, idea, formula = "place_and_redraw", "Place", "Say the place, and x1 again.", "L"
    target, reads = "place", ("prediction", "reconstruction")

    def forward(self, output, batch):
        again = (output.named["reconstruction/x1"] - batch.inputs["x1"]).square().mean()
        return {self.name: (output.prediction - Place().truth(batch)).square().mean() + again}


class Autoencoder(Concat):
    name, gives, shows = "autoencoder", (*Concat.gives, "reconstruction"), ("reconstruction",)

    def __init__(self, spec):
        super().__init__(spec)
        with initialising(spec.seed, "decoder", "x1"):
            self.decoder = build_decoder(spec.modalities["x1"], spec.width)

    def forward(self, batch):
        output = super().forward(batch)
        return replace(output, named={"reconstruction/x1": self.decoder(output.h)})


class Placed(Interactions):
    name, targets = "placed_bits", ("place",)


def test_it_is_trained_recorded_and_projected(tmp_path: Path, train_to_end) -> None:
    with registered(Place, PlaceAndRedraw, Autoencoder, Placed):
        config = RunConfig.make("placed_bits", "autoencoder", "place_and_redraw", {**SMALL, "epochs": 4})
        values = [step.values["test/closeness"] for step in train(config) if "test/closeness" in step.values]
        assert values[-1] > values[0] + 0.1
        folder = train_to_end(config, tmp_path)
    assert store.read_result(folder)["metrics"]["test/closeness"] == values[-1]
    assert store.read_probe(folder)["target"] == {"name": "place", "view": "ruler", "names": ["how far"]}
    project_run(folder)
    step = store.steps(folder, "projection")[-1]
    header, blocks = frames.decode(store.read_file(store.frame_path(folder, "projection", step)))
    assert header["roles"] == {"place": "answer", "reconstruction/x1": "reconstruction"}
    assert len(blocks["place"]) == len(blocks["reconstruction/x1"])
