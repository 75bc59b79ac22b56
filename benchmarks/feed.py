"""A run that gets a picture whenever a benchmark asks for one; nothing is trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.config import RunConfig
from core.runs import Runs, frames, store


class Feed:
    """A run folder that gets a picture of 2,000 points, a 256 x 256 matrix and ten records whenever asked."""

    def __init__(self, root: Path) -> None:
        self.rng = np.random.RandomState(0)
        self.folder, _ = Runs(root).open(RunConfig.make("av_digits", settings={"seed": 777}))
        labels = (np.arange(1000) % 10).tolist()
        senses = [{"name": "image", "kind": "image"}, {"name": "audio", "kind": "audio"}]
        probe = {"modalities": senses, "classes": [str(c) for c in range(10)], "labels": labels, "index": labels}
        store.write_json(
            self.folder / "probe.json",
            {**probe, "matrix": list(range(128)), "samples": "0" * 12, "chance": 0.1, "bayes": None},
        )
        store.write_json(self.folder / "status.json", {"status": "stopped", "step": 0, "epoch": 0, "epochs": 40})
        self.step = 0

    def write(self) -> int:
        """The next picture; its step."""
        self.step += 1
        xy = (self.rng.normal(size=(2, 1000, 2)) * 9000).astype(np.int16)
        similarity = self.rng.randint(0, 255, 32896).astype(np.uint8)
        blocks = {
            "xy/umap": xy,
            "xy/pca": xy,
            "similarity": similarity,
            "link": similarity[:1000].reshape(1, -1),
            "halo": np.zeros((2, 1000), np.uint8),
        }
        figures = {"trustworthiness": 0.9, "continuity": 0.9, "relayout": False}
        header = {
            "kind": "projection",
            "step": self.step,
            "epoch": self.step,
            "epochs": 40,
            "values": {},
            "diagnostics": {},
            "maps": {"pca": figures, "umap": figures},
        }
        data = frames.encode(header, blocks)
        with (self.folder / "metrics.jsonl").open("a") as file:
            file.write(
                f'{{"step": {self.step}, "epoch": {self.step}, "train/loss": 1.0, "test/loss": 1.1, "test/accuracy": 0.5}}\n'
            )
        store.write_atomic(store.frame_path(self.folder, "projection", self.step), data)
        return self.step
