"""Five modalities that nobody has named before, each shown as another kind: no other file is touched."""

from __future__ import annotations

from pathlib import Path

import torch
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.catalog.registered import registered
from core.config import RunConfig
from core.data.base import DataSet, Modality, ModalityEntry, Split, Task, data_hash
from core.paths import ASSETS
from core.renderers import Clip, Picture, Series, Text, Vector
from core.runs import frames, store
from core.seeding import generator
from core.serving.projector import project_run
from dashboard.server import routes

N, WORDS = 128, ("", "cold", "warm", "rough", "smooth")
INPUTS = {
    "tactile": Modality("image", (1, 8, 8)),
    "ecg": Modality("audio", (3, 32)),
    "note": Modality("text", (2,), vocabulary=len(WORDS)),
    "gait": Modality("features", (4 * 6 * 6,)),
    "scent": Modality("features", (12,)),
}


class Wearable(DataSet):
    name, version = "wearable", "1"
    modalities = tuple(ModalityEntry(name, modality.kind) for name, modality in INPUTS.items())
    train_samples = N

    @classmethod
    def load(cls):
        train, test = cls.split("train"), cls.split("test")

        def show(split, i):
            tactile, ecg, note, gait, scent = (x[i] for x in (train if split == "train" else test).inputs.values())
            skin, words = Picture(tactile[0].sigmoid()), Text(" ".join(WORDS[w] for w in note))
            walk = Clip(gait.view(4, 6, 6).sigmoid(), rate=8)
            return {"tactile": skin, "ecg": Series(ecg, rate=100), "note": words, "gait": walk, "scent": Vector(scent)}

        names, key, clean = ("calm", "run"), data_hash(cls, {}), test.inputs
        return Task(cls.name, INPUTS, train, test, names, 0.5, "class", key, lambda m, severity, seed: clean[m], show)

    @staticmethod
    def split(place):
        label, draw = torch.arange(N) % 2, generator(0, "wearable", place)
        noise = {name: torch.randn(N, *modality.shape, generator=draw) for name, modality in INPUTS.items()}
        inputs = {name: x + (2.0 * label - 1).view(N, *[1] * (x.dim() - 1)) for name, x in noise.items()}
        inputs["note"] = torch.stack([1 + label, 3 + label], 1)  # "cold rough", "warm smooth"
        return Split(inputs, {name: torch.ones(N, dtype=torch.bool) for name in INPUTS}, label, label.clone())


def test_they_are_trained_recorded_drawn_and_served(tmp_path: Path, train_to_end):
    small = {"device": "cpu", "epochs": 2, "batch_size": 32}
    with registered(Wearable):
        folder = train_to_end(RunConfig.make(Wearable, settings=small), tmp_path)
    assert store.read_result(folder)["metrics"]["test/accuracy"] > 0.9
    project_run(folder)
    client = TestClient(Starlette(routes=routes(tmp_path, ASSETS, lambda run: None)))
    view_set = client.get(f"/live/runs/{folder.name}/probe").json()
    assert [modality["name"] for modality in view_set["modalities"]] == list(INPUTS)
    samples = f"/live/samples/{view_set['samples']}"
    shown = client.get(f"{samples}/index.json").json()["modalities"]
    assert [entry["kind"] for entry in shown.values()] == ["picture", "series", "text", "clip", "vector"]
    files = [file for entry in shown.values() for file in entry.get("files", [entry.get("file")]) if file]
    assert len(files) == 8 and all(client.get(f"{samples}/{file}").status_code == 200 for file in files)
    step = store.steps(folder, "projection")[-1]
    _, blocks = frames.decode(client.get(f"/live/runs/{folder.name}/frames/{step}").content)
    assert blocks["xy/pca"].shape == (5, N, 2)
    assert client.get(f"/live/runs/{folder.name}/thumb").headers["content-type"] == "image/png"
