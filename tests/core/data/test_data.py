"""The data are what they say: deterministic, split cleanly, and with the information that is claimed."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core import catalog
from core.config import RunConfig
from core.data.base import DataError, Task
from core.data.check import check_task
from core.data.digit_files import spoken
from core.data.loading import load_task
from core.data.log_mel import log_mel
from core.data.samples import SHIPPED, write_samples
from core.renderers import Text, Vector


def load(name: str, **changes) -> Task:
    settings = {f"data.{key}": value for key, value in changes.items()} | {"batch_size": 16}
    return load_task(name, dict(RunConfig.make(name, settings=settings).data_settings))


every_data_set = pytest.mark.parametrize("name", catalog.names("datasets"))


@every_data_set
def test_loading_is_deterministic(name: str) -> None:
    load_task.__globals__["_load"].cache_clear()
    one = load(name)
    load_task.__globals__["_load"].cache_clear()
    two = load(name)
    for split in ("train", "test"):
        for modality in one.modalities:
            assert torch.equal(getattr(one, split).inputs[modality], getattr(two, split).inputs[modality])


@every_data_set
def test_the_catalogue_tells_the_truth(name: str) -> None:
    task, entry = load(name), catalog.dataset(name)
    assert tuple(task.modalities) == catalog.modalities(entry, {})
    assert [m.kind for m in task.modalities.values()] == [m["kind"] for m in entry["modalities"] if not m["when"]]
    count = entry["train_samples"]
    wanted = RunConfig.make(name).data_settings[count] if isinstance(count, str) else count
    assert len(task.train.target) == wanted and 1 / len(task.classes) == pytest.approx(task.chance)


@every_data_set
def test_noise_grows_with_severity(name: str) -> None:
    task = load(name)
    for modality, clean in task.test.inputs.items():
        far = [float((task.corrupt(modality, s, 0) - clean).float().square().mean()) for s in (0.2, 0.6, 1.0)]
        assert far[0] < far[1] < far[2]
        assert torch.equal(task.corrupt(modality, 0.5, 0), task.corrupt(modality, 0.5, 0))


@every_data_set
def test_missing_samples_are_zero_and_one_sense_stays(name: str) -> None:
    task = load(name, train_missing=0.5)
    here = torch.stack(list(task.train.present.values()))
    assert 0.2 < 1 - float(here.float().mean()) < 0.6 and here.any(0).all()
    for modality, x in task.train.inputs.items():
        assert not x[~task.train.present[modality]].any()


@every_data_set
def test_shipped_samples_are_what_the_model_gets(name: str, tmp_path: Path) -> None:
    task = load(name)
    shipped = SHIPPED / task.samples
    made = write_samples(task, tmp_path / task.samples)
    assert {p.name for p in shipped.iterdir()} == {p.name for p in made.iterdir()}
    assert (shipped / "index.json").read_bytes() == (made / "index.json").read_bytes()


def test_information_by_enumeration() -> None:
    """What each bit tells, counted over all outcomes of the coins and the flip: 1 - h(e), and nothing of synergy alone."""
    e = 0.05
    task = load("interactions")
    joint: dict[tuple[int, int, int], float] = {}
    for a, b, flip in itertools.product((0, 1), repeat=3):
        key = (a, b, a ^ b ^ flip)
        joint[key] = joint.get(key, 0) + (e if flip else 1 - e) / 4
    assert task.information["synergy"] == pytest.approx(_mutual(joint, (0, 1)), abs=1e-9)
    assert _mutual(joint, (0,)) == pytest.approx(0, abs=1e-12)
    assert task.bayes == pytest.approx((1 - e) ** 4, abs=1e-6)


def _mutual(joint: dict[tuple[int, int, int], float], known: tuple[int, ...]) -> float:
    """I(known coins; label) in bits."""
    both, left, right = {}, {}, {}
    for outcome, p in joint.items():
        x, y = tuple(outcome[i] for i in known), outcome[2]
        both[x, y] = both.get((x, y), 0) + p
        left[x], right[y] = left.get(x, 0) + p, right.get(y, 0) + p
    return sum(p * math.log2(p / left[x] / right[y]) for (x, y), p in both.items())


@pytest.mark.parametrize("parameter", ["redundancy", "unique1", "unique2", "synergy"])
def test_a_parameter_at_zero_takes_its_information_away(parameter: str) -> None:
    part = {"redundancy": "redundant"}.get(parameter, parameter)
    task = load("interactions", **{parameter: 0.0})
    assert task.information[part] == pytest.approx(0) and task.bayes_parts[part] == pytest.approx(0.5)


def test_the_best_reader_of_unequal_vectors_by_counting() -> None:
    """Coins through two noises of unequal size, read by the sign of what suits best, a third of the sides missing."""
    task = load("interactions", dim=12, test_noise=3.0, x2_noise=0.5, test_missing=0.3, label_noise=0.0)
    rng, n = np.random.default_rng(0), 400_000
    t1, t2 = 2 / 3, 2 / 1.5  # sqrt(12 / 3) over each side's noise
    r, u1, u2, a, b = rng.choice((-1, 1), (5, n))
    read = {
        name: coin * t + rng.normal(size=n)
        for name, coin, t in (("r1", r, t1), ("u1", u1, t1), ("a", a, t1), ("r2", r, t2), ("u2", u2, t2), ("b", b, t2))
    }
    lost = rng.random((2, n)) < 0.3
    lost[rng.integers(2, size=n), np.arange(n)] &= ~lost.all(0)
    one, two = ~lost
    toss = rng.choice((-1, 1), n)
    right = {
        "redundant": np.sign(t1 * read["r1"] * one + t2 * read["r2"] * two) == r,
        "unique1": np.where(one, np.sign(read["u1"]), toss) == u1,
        "unique2": np.where(two, np.sign(read["u2"]), toss) == u2,
        "synergy": np.where(one & two, np.sign(read["a"] * read["b"]), toss) == a * b,
    }
    for part, hits in right.items():
        assert task.bayes_parts[part] == pytest.approx(hits.mean(), abs=0.004), part
    assert task.bayes == pytest.approx(np.all(list(right.values()), 0).mean(), abs=0.004)


def test_new_voices_and_new_images_in_testing() -> None:
    voices = spoken()
    assert 0 < voices.train_voices < len(voices.voices) and len(set(voices.voices)) == len(voices.voices)
    task = load("av_digits", train_noise=0.0, test_noise=0.0)
    train, test = ({row.numpy().tobytes() for row in s.inputs["image"]} for s in (task.train, task.test))
    assert not train & test


def test_a_hint_tells_little() -> None:
    task = load("av_digits", text=True)
    assert task.modalities["text"].kind == "text"
    words = {tuple(row.tolist()) for row in task.test.inputs["text"]}
    assert len(words) == 4


def test_log_mel_finds_a_tone() -> None:
    """A pure tone's energy lies in the band of its frequency, whatever its phase."""
    time = torch.arange(4000) / 8000
    peaks = [int(log_mel(torch.sin(2 * math.pi * f * time)[None]).mean(2).argmax()) for f in (300, 1000, 3000)]
    assert peaks == sorted(set(peaks))


def broken(task: Task, **changes) -> Task:
    return replace(task, train=replace(task.train, **changes))


def test_bad_data_get_one_sentence() -> None:
    task = load("interactions", train_size=64, test_size=64)
    x = task.train.inputs
    hole = {**x, "x2": x["x2"].clone()}
    hole["x2"][3, 1] = float("nan")
    wrong = {
        "not_finite_data": broken(task, inputs=hole),
        "wrong_shape": broken(task, inputs={**x, "x1": x["x1"][:, :3]}),
        "unequal_lengths": broken(task, inputs={**x, "x1": x["x1"][:9]}),
        "wrong_modalities": broken(task, inputs={"x1": x["x1"]}),
        "label_out_of_range": broken(task, target=torch.full((64,), 16)),
        "empty_split": broken(task, target=torch.zeros(0, dtype=torch.long)),
    }
    for key, spoilt in wrong.items():
        with pytest.raises(DataError) as caught:
            check_task(spoilt)
        assert caught.value.key == key and "\n" not in str(caught.value)


SHOWS = {
    "nothing at all": (lambda i: None, "shows_nothing", "shows nothing of x1 in sample 0 of the test split"),
    "a modality less": (lambda i: {"x1": Vector([1.0])}, "shows_nothing", "shows nothing of x2 in sample 0"),
    "an array": (lambda i: {"x1": np.ones(2), "x2": Vector([1.0])}, "wrong_shown", "got ndarray"),
    "another kind": (
        lambda i: {"x1": Text("a") if i else Vector([1.0]), "x2": Vector([1.0])},
        "wrong_shown",
        "got Text",
    ),
    "a wrong shape": (lambda i: {"x1": Vector([[1.0]]), "x2": Vector([1.0])}, "wrong_shown", "got (1, 1)"),
}


@pytest.mark.parametrize("case", SHOWS)
def test_what_cannot_be_shown_is_said_before_training(case: str, tmp_path: Path) -> None:
    show, key, words = SHOWS[case]
    task = replace(load("interactions", train_size=64, test_size=64), show=lambda split, i: show(i))
    for act in (check_task, lambda spoilt: write_samples(spoilt, tmp_path / "samples")):
        with pytest.raises(DataError) as caught:
            act(task)
        assert caught.value.key == key and words in str(caught.value) and "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
