"""Make the shipped replay and the default samples: `python assets/scripts/make_replays.py`. A real run, its folder copied, its checkpoint left out."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import catalog
from core.config import RunConfig
from core.data.loading import load_task
from core.data.samples import SHIPPED, write_samples
from core.runs import Runs, store
from core.serving.projector import project_run
from core.training.recorder import record

REPLAYS = {"replay-start": RunConfig.make("av_digits")}
KEPT = ("config.json", "status.json", "metrics.jsonl", "probe.json", "result.json", "projection")


def main() -> None:
    """Train, paint, copy what a viewer needs."""
    for name, config in REPLAYS.items():
        with tempfile.TemporaryDirectory() as place:
            folder, _ = Runs(place).open(config)
            list(record(folder))
            assert store.read_status(folder)["status"] == "finished"
            project_run(folder)
            target = store.REPLAYS / name
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            for kept in KEPT:
                source = folder / kept
                (shutil.copytree if source.is_dir() else shutil.copy)(source, target / kept)
    for dataset in catalog.names("datasets"):
        task = load_task(dataset, dict(RunConfig.make(dataset).data_settings))
        write_samples(task, SHIPPED / task.samples)


if __name__ == "__main__":
    main()
