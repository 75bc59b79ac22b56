"""What all tests share: one thread, small configs, a run that is trained once."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.config import RunConfig
from tests.schedule import Scheduling, place, unit

if TYPE_CHECKING:
    from core.training.loop import Step

SMALL = {"epochs": 2, "data.train_size": 256, "data.test_size": 64, "width": 16, "batch_size": 64}


def small_config(fusion: str = "concat", objective: str | None = None, **settings: Any) -> RunConfig:
    """A config that trains in a tenth of a second; dotted names with two underscores (`data__dim=8`)."""
    named = {name.replace("__", "."): value for name, value in settings.items()}
    if "seconds" in named:
        named = {**{k: v for k, v in SMALL.items() if k != "epochs"}, **named}
    return RunConfig.make("interactions", fusion, objective, {**({} if "seconds" in named else SMALL), **named})


def epochs_of(config: RunConfig, **options: Any) -> Iterator[Step]:
    """The records of all epochs without the evaluation at the end, which costs ten times what a small training does."""
    from core.training.loop import train

    for step in train(config, **options):
        yield step
        if step.epoch == config.epochs:
            return


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stable: within a place the order stays."""
    items.sort(key=lambda item: place(unit(item.nodeid)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadfile` is ours; whoever asks for another distribution gets that."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _one_thread(request: pytest.FixtureRequest) -> None:
    """Only where torch is loaded already: the dashboard's tests must not be what loads it."""
    import sys

    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run's folder; tests read it and never change it."""
    from core.runs import Runs
    from core.training.recorder import record

    folder, _ = Runs(tmp_path_factory.mktemp("finished")).open(small_config(objective="classification+infonce"))
    assert [status["status"] for status in record(folder)][-1] == "finished"
    return folder


@pytest.fixture
def train_to_end() -> Callable[[RunConfig, Path], Path]:
    """Record a config into a runs folder and return the run's folder."""
    from core.runs import Runs
    from core.training.recorder import record

    def run(config: RunConfig, root: Path) -> Path:
        folder, _ = Runs(root).open(config)
        list(record(folder))
        return folder

    return run
