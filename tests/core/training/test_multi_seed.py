"""Seeds trained together are the runs they would be alone: the same records, folders, ends and checkpoints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.errors import TrainingError
from core.runs import Runs, frames, store
from core.training.loop import Step, train
from core.training.multi_seed import quicker, train_multi_seed
from core.training.multi_seed_recorder import record_multi_seed
from core.training.recorder import record
from core.training.state import TrainState
from core.training.vmap_stack import Stack
from tests.conftest import small_config

CLOSE = 1e-5
CHOICES = [
    ("concat", None),
    ("concat", "classification+infonce"),  # the objective learns a temperature of its own
    ("sum", "infonce"),  # nothing is predicted
    ("tensor", None),
    ("late_average", None),  # a clip for each expert
    ("late_stacking", None),
    ("late_product", None),  # a buffer in the model
    ("input_mlp", None),
    ("gated", None),
    ("channel_exchange", None),  # a term of its own in the loss
]


def seeds(count: int, fusion: str = "concat", objective: str | None = None, **settings: Any) -> list[RunConfig]:
    return [small_config(fusion, objective, seed=seed, **settings) for seed in range(count)]


def folders(configs: Sequence[RunConfig], root: Path) -> list[Path]:
    return [Runs(root).open(config)[0] for config in configs]


def lone(config: RunConfig, root: Path) -> Path:
    (folder,) = folders([config], root)
    assert [status["status"] for status in record(folder)][-1] == "finished"
    return folder


def curves(folder: Path) -> list[dict[str, float]]:
    return [{k: v for k, v in r.items() if k != "seconds"} for r in store.read_records(folder)]


def close(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """The same keys in the same order, and values of the same size."""
    assert list(ours) == list(theirs)
    for name, value in ours.items():
        assert value == pytest.approx(theirs[name], rel=CLOSE, abs=CLOSE), name


@pytest.mark.parametrize(("fusion", "objective"), CHOICES)
def test_each_seed_is_what_it_would_be_alone(fusion: str, objective: str | None) -> None:
    configs = seeds(3, fusion, objective, clip_norm=0.05)
    together: dict[int, list[tuple[Step, dict[str, torch.Tensor]]]] = {config.seed: [] for config in configs}
    for records in train_multi_seed(configs):
        for seed, step in records.items():
            assert isinstance(step, Step)
            together[seed].append((step, step.state() if step.state else {}))
    for config in configs:
        alone = [(step, step.state() if step.state else {}) for step in train(config)]
        assert len(alone) == len(together[config.seed])
        for (ours, our_state), (theirs, their_state) in zip(together[config.seed], alone, strict=True):
            assert (ours.step, ours.epoch, ours.progress) == (theirs.step, theirs.epoch, theirs.progress)
            close(ours.values, theirs.values)
            assert our_state.keys() == their_state.keys()
            for name in our_state.keys() - {"clock", "cpu_clock"}:
                torch.testing.assert_close(our_state[name], their_state[name], rtol=1e-4, atol=CLOSE)
            if theirs.frame is not None:
                assert ours.frame is not None
                np.testing.assert_allclose(ours.frame.z, theirs.frame.z, rtol=2e-3, atol=2e-3)  # half precision
                assert ours.frame.roles == theirs.frame.roles
                if "prediction" in theirs.frame.blocks:
                    assert (ours.frame.blocks["prediction"] == theirs.frame.blocks["prediction"]).all()
        last, expected = together[config.seed][-1][0].result, alone[-1][0].result
        assert last is not None and expected is not None and last.keys() == expected.keys()
        assert last["parameters"] == expected["parameters"]
        for kind in ("shapley", "perceptual", "interaction"):
            assert last["instruments"].get(kind) == pytest.approx(expected["instruments"].get(kind), abs=CLOSE)


def test_parts_are_clipped_for_each_seed_alone() -> None:
    """One seed's large gradient, or one expert's, must not shorten another's."""
    states = [TrainState.build(config) for config in seeds(2, "late_average", clip_norm=1.0)]
    stack = Stack(states)
    expected = []
    for index, state in enumerate(states):
        for size, part in enumerate(state.model.parts().values(), 1):
            for own in part:
                own.grad = torch.full_like(own, 10.0**size * index)
        for leaf, own in stack._leaf.items():
            mine = dict(zip(states[0].model.parameters(), state.model.parameters(), strict=True))[leaf]
            if own.grad is None:
                own.grad = torch.zeros_like(own)
            own.grad[index] = mine.grad
        state.clip()
        expected.append([own.grad.clone() for own in state.model.parameters()])
    stack.step()
    for index in range(2):
        for own, grad in zip(states[0].model.parameters(), expected[index], strict=True):
            torch.testing.assert_close(stack._leaf[own].grad[index], grad)


def test_folders_are_those_of_lone_runs(tmp_path: Path) -> None:
    configs = seeds(3, objective="classification+infonce")
    statuses_by_seed = list(record_multi_seed(folders(configs, tmp_path / "together")))
    assert [status["status"] for _, status in statuses_by_seed[-3:]] == ["finished"] * 3
    for config in configs:
        ours, theirs = Runs(tmp_path / "together").open(config)[0], lone(config, tmp_path / "alone")
        assert {p.name for p in ours.rglob("*")} == {p.name for p in theirs.rglob("*")}
        for mine, other in zip(curves(ours), curves(theirs), strict=True):
            close(mine, other)
        for step in store.steps(theirs, "frames"):
            header, blocks = frames.decode(store.frame_path(ours, "frames", step).read_bytes())
            expected, lone_blocks = frames.decode(store.frame_path(theirs, "frames", step).read_bytes())
            assert header.keys() == expected.keys() and blocks["z"].shape == lone_blocks["z"].shape
        result, expected = store.read_result(ours), store.read_result(theirs)
        assert result.keys() == expected.keys() and (result["together"], expected["together"]) == (3, 1)
        assert store.read_status(ours)["together"] == 3
        close(result["metrics"], expected["metrics"])
        assert Runs(ours.parent).open(config)[1] == "reuse"


def poison(monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    """The second of the stacked seeds has a NaN among its weights after `when` updates."""
    step, calls = Stack.step, []

    def poisoned(self: Stack) -> None:
        step(self)
        calls.append(1)
        if len(calls) == when:
            next(self.states[1].model.parameters()).data.fill_(float("nan"))

    monkeypatch.setattr(Stack, "step", poisoned)


def test_a_nan_in_one_seed_ends_that_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configs = seeds(3, epochs=3)  # 4 updates an epoch
    poison(monkeypatch, 5)
    with pytest.raises(TrainingError) as alone:
        raise next(r for records in train_multi_seed(configs) for r in records.values() if isinstance(r, TrainingError))
    assert alone.value.values["step"] == 6 and "loss/classification became nan at step 6" in str(alone.value)
    monkeypatch.undo()
    poison(monkeypatch, 5)
    ends = dict(record_multi_seed(folders(configs, tmp_path)))
    assert [status["status"] for status in ends.values()] == ["finished", "failed", "finished"]
    second = list(ends)[1]
    assert "nan at step 6" in store.read_status(second)["message"] and not (second / "result.json").exists()
    for config in (configs[0], configs[2]):
        ours, theirs = Runs(tmp_path).open(config)[0], lone(config, tmp_path / "alone")
        close(store.read_result(ours)["metrics"], store.read_result(theirs)["metrics"])
    assert Runs(tmp_path).open(configs[1])[1] == "new", "a failed run starts over"


def test_a_nan_after_the_last_update_is_seen_by_the_validation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poison(monkeypatch, 8)
    ends = dict(record_multi_seed(folders(seeds(2), tmp_path)))
    assert [status["status"] for status in ends.values()] == ["finished", "failed"]


def test_one_is_stopped_and_goes_on_alone(tmp_path: Path) -> None:
    configs = seeds(3, epochs=6)
    runs = Runs(tmp_path / "together")
    own = folders(configs, runs.root)
    for folder, status in record_multi_seed(own):
        if folder == own[1] and status["epoch"] >= 2 and status["status"] == "running":
            runs.stop(folder.name)
        if folder == own[1] and status["status"] == "stopped":
            assert not store.is_held(folder / "lock"), "whoever wants it may have it, while the others go on"
            assert store.read_status(own[0])["status"] == "running"
    assert [store.read_status(folder)["status"] for folder in own] == ["finished", "stopped", "finished"]
    assert runs.open(configs[1]) == (own[1], "resume") and not (own[1] / "stop").exists()
    assert 2 <= store.read_status(own[1])["epoch"] < 6
    assert [status["status"] for status in record(own[1])][-1] == "finished"
    for config in configs:
        folder, theirs = runs.open(config)[0], lone(config, tmp_path / "alone")
        for mine, other in zip(curves(folder), curves(theirs), strict=True):
            close(mine, other)
    assert store.read_result(own[1])["together"] == 3, "a part of it was"


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems")
@pytest.mark.slow
def test_killed_and_resumed_alone(tmp_path: Path) -> None:
    configs = seeds(2, epochs=40, data__train_size=2048)
    own = folders(configs, tmp_path / "together")
    script = "import sys; from pathlib import Path; from core.training.multi_seed_recorder import record_multi_seed as r; list(r([Path(p) for p in sys.argv[1:]]))"
    child = subprocess.Popen([sys.executable, "-c", script, *map(str, own)])
    while not all((folder / "checkpoint.safetensors").exists() for folder in own):
        assert child.poll() is None
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    for config, folder in zip(configs, own, strict=True):
        assert store.read_status(folder)["status"] == "stopped"
        assert Runs(folder.parent).open(config)[1] == "resume"
        assert [status["status"] for status in record(folder)][-1] == "finished"
        theirs = lone(config, tmp_path / "alone")
        assert store.steps(folder, "frames") == store.steps(theirs, "frames")
        for mine, other in zip(curves(folder), curves(theirs), strict=True):
            close(mine, other)


def test_who_is_not_quicker_trains_alone_and_says_so(tmp_path: Path) -> None:
    assert quicker(small_config())
    for other in (
        small_config(seconds=1.0),
        small_config(strategy="modality_dropout"),
        small_config("pooling"),  # one of its operations would be done seed by seed
        small_config("bottleneck"),  # and attention, whose kernel for one seed is quicker than any for a stack
        small_config(width=512, data__train_size=512, batch_size=512),
        RunConfig.make("captions", settings={"encoder.text": "gru", "width": 4, "batch_size": 2}),
    ):
        assert not quicker(other), other
    configs = seeds(2, strategy="modality_dropout")
    statuses_by_seed = list(record_multi_seed(folders(configs, tmp_path)))
    for folder in folders(configs, tmp_path):
        assert [status["status"] for where, status in statuses_by_seed if where == folder][-1] == "finished"
        assert store.read_result(folder)["together"] == store.read_status(folder)["together"] == 1
    for config in configs:
        assert curves(Runs(tmp_path).open(config)[0]) == curves(lone(config, tmp_path / "alone"))


def test_a_run_that_another_process_writes_is_left_to_it(tmp_path: Path) -> None:
    own = folders(seeds(3), tmp_path)
    with store.writing(own[1]):
        before = (own[1] / "status.json").read_bytes()
        ends = dict(record_multi_seed(own))
        assert (own[1] / "status.json").read_bytes() == before
    assert {ends[folder]["status"] for folder in (own[0], own[2])} == {"finished"}
    assert ends[own[1]]["status"] == "failed" and "another process" in ends[own[1]]["message"]


def test_the_clock_is_shared() -> None:
    """Seconds are what a run cost: together they are not more than what the clock on the wall says."""
    begun = time.perf_counter()
    *_, last = train_multi_seed(seeds(3))
    assert sum(step.seconds for step in last.values() if isinstance(step, Step)) <= time.perf_counter() - begun
