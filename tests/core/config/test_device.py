"""What `auto` stands for is found without torch, and it is only what torch can use."""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.config import device


class Driver:
    """A CUDA driver as it answers; `fails` names a call that returns an error."""

    def __init__(self, cards: int = 1, version: int = 13000, fails: str = "") -> None:
        self.cards, self.version, self.fails = cards, version, fails

    def cuInit(self, flags: int) -> int:
        return int(self.fails == "cuInit")

    def cuDeviceGetCount(self, count) -> int:
        count._obj.value = self.cards
        return int(self.fails == "cuDeviceGetCount")

    def cuDriverGetVersion(self, version) -> int:
        version._obj.value = self.version
        return int(self.fails == "cuDriverGetVersion")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Make a machine with this build of torch and this driver; what `best` says there."""

    def best(build: str, driver: Driver | None) -> str:
        (tmp_path / "version.py").write_text(f"__version__ = '2.13.0'\ncuda: Optional[str] = {build}\nhip = '13.0'\n")
        monkeypatch.setattr(device, "find_spec", lambda name: SimpleNamespace(origin=str(tmp_path / "__init__.py")))
        monkeypatch.setattr(platform, "system", lambda: "Linux")

        def load(name: str) -> Driver:
            if driver is None:
                raise OSError(name)
            return driver

        monkeypatch.setattr(ctypes, "CDLL", load)
        device.best.cache_clear()
        return device.best()

    yield best
    monkeypatch.undo()
    device.best.cache_clear()


def test_a_card_that_torch_can_use(machine) -> None:
    assert machine("'13.0'", Driver()) == "cuda"
    assert machine("'12.8'", Driver(version=13010)) == "cuda"


@pytest.mark.parametrize(
    ("build", "driver"),
    [
        ("None", Driver()),  # a build for the CPU
        ("'13.0'", None),  # no driver
        ("'13.0'", Driver(cards=0)),
        ("'13.0'", Driver(version=12080)),  # a driver older than the build
        ("'13.0'", Driver(fails="cuInit")),
        ("'13.0'", Driver(fails="cuDeviceGetCount")),
        ("'13.0'", Driver(fails="cuDriverGetVersion")),
    ],
)
def test_a_card_that_torch_cannot_use_is_left_alone(machine, build: str, driver: Driver | None) -> None:
    assert machine(build, driver) == "cpu"


def test_an_apple_chip(machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine("None", None)
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    device.best.cache_clear()
    assert device.best() == "mps"


def test_torch_agrees() -> None:
    import torch

    device.best.cache_clear()
    assert (device.best() == "cuda") == torch.cuda.is_available()


def test_auto_is_what_was_reported_until_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "best", lambda: "mps")
    monkeypatch.setattr(device, "_reported", None)
    assert device.resolve("auto") == "mps"
    device.report("cuda")
    assert (device.resolve("auto"), device.resolve("cpu")) == ("cuda", "cpu")
    device.report(None)
    assert device.resolve("auto") == "mps"


def test_a_process_with_torch_takes_the_card_only_where_torch_can(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from core.training import state

    monkeypatch.setattr(state, "best", lambda: "cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert state.usable_device() == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert state.usable_device() == "cuda"


def test_the_pool_s_workers_say_what_auto_is_and_a_run_is_named_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.runs import run_id
    from core.serving.executor import Executor
    from tests.conftest import small_config
    from tests.core.serving.test_pool_protocol import MemoryPool

    monkeypatch.setattr(device, "_reported", None)
    monkeypatch.setattr(device, "best", lambda: "cpu")
    on_cpu = run_id(small_config())
    pool = MemoryPool()
    executor = Executor(tmp_path, pool=pool)
    executor.start()
    pool.on_message("projector", {"type": "ready", "device": "mps"})
    assert run_id(small_config()) == on_cpu, "the projector trains nothing"
    pool.on_message("worker-1", {"type": "ready", "device": "cuda"})
    assert device.resolve("auto") == "cuda" and run_id(small_config()) != on_cpu
    executor.close()
    assert run_id(small_config()) == on_cpu
