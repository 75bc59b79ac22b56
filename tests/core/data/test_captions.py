"""Scenes are drawn as they are told, test scenes are new and all different, and a swap of colours is always false."""

from __future__ import annotations

import pytest
import torch

from core import catalog
from core.config import RunConfig
from core.data import wording
from core.data.base import Task
from core.data.loading import load_task
from core.data.permute import permuted
from core.data.scenes import COLOURS, COMBINATIONS, RGB, SHAPES, SIDE, SIZES, arrange, pictures
from core.seeding import generator
from core.train import train
from core.training.view_set import describe
from tests.conftest import epochs_of

MEANS = {"disc": "circle", "box": "square", "plus": "cross", "little": "small", "big": "large"}
SIDES = {"left": (-1, 0), "right": (1, 0), "above": (0, -1), "over": (0, -1), "below": (0, 1), "under": (0, 1)}


def load(**changes) -> Task:
    settings = {f"data.{key}": value for key, value in changes.items()} | {"batch_size": 16}
    return load_task("captions", dict(RunConfig.make("captions", settings=settings).data_settings))


def understood(caption: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, int]]:
    """A reader of our own: (subject, object, where the subject is seen from the object)."""
    words = [MEANS.get(word, word) for word in caption.split()]
    at = [i for i, word in enumerate(words) if word in COLOURS]
    things = [tuple(words[i - 1 : i + 2]) for i in at]
    if caption.split()[0] in ("to", *SIDES):  # "left of the O is a S"
        things.reverse()
    side = next(SIDES[word] for word in words if word in SIDES)
    return things[0], things[1], side


def described(caption: str) -> tuple[object, ...]:
    """What a caption says, the same for all ways to say it."""
    subject, other, side = understood(caption)
    return (subject, other, side) if sum(side) < 0 else (other, subject, (-side[0], -side[1]))


@pytest.mark.parametrize("wanted", ["varied", "plain"])
def test_captions_are_true_of_their_scenes(wanted: str) -> None:
    task = load(wording=wanted)
    split, names = task.test, task.names["labels"]
    for i in range(len(split.target)):
        subject, other, (across, down) = understood(task.show("test", i)["caption"].text)
        said = {*subject, *other}
        assert said == {name for name, here in zip(names, split.targets["labels"][i], strict=True) if here}
        x, y = split.targets["value"][i].tolist()  # from the subject to the other
        assert (abs(x) > abs(y)) == bool(across) and (x * across + y * down) < 0
        quarter = task.classes[int(split.target[i])]
        told = {(-1, 0): "left", (1, 0): "right", (0, -1): "top", (0, 1): "bottom"}[across, down]
        assert told in quarter
    lengths = (split.inputs["caption"] != 0).sum(1)
    assert (lengths.min() < lengths.max()) == (wanted == "varied") or wanted == "plain"


def test_pictures_show_the_colours_where_the_things_are() -> None:
    scenes = arrange(torch.arange(0, COMBINATIONS, 7), generator(0, "here"))
    drawn = pictures(scenes)
    assert drawn.shape[1:] == (3, SIDE, SIDE) and float(drawn.min()) >= 0 and float(drawn.max()) <= 1
    middle = scenes.centre.round().long()
    for thing in (0, 1):
        seen = drawn[torch.arange(len(scenes)), :, middle[:, thing, 1], middle[:, thing, 0]]
        wanted = RGB[scenes.colour[:, thing]]  # thinner arms of a small cross may cover a pixel in part
        covered = seen.sum(1, keepdim=True) / wanted.sum(1, keepdim=True)
        assert torch.allclose(seen, covered * wanted, atol=1e-5) and float(covered.min()) > 0.7
    ink = (drawn.amax(1) > 0.05).float().sum((1, 2))
    assert ink[scenes.size.sum(1) == 0].max() < ink[scenes.size.sum(1) == 2].min()


def test_every_shape_and_size_is_drawn_differently() -> None:
    codes = [(shape, size) for shape in range(len(SHAPES)) for size in range(len(SIZES))]
    things = torch.tensor([shape + len(SHAPES) * len(COLOURS) * size for shape, size in codes])
    scenes = arrange(things * len(SHAPES) * len(COLOURS) * len(SIZES) * 2, generator(0, "x"))
    scenes.centre[:] = torch.tensor([[6.0, 6.0], [18.0, 6.0]])
    drawn = pictures(scenes)
    apart = torch.cdist(drawn.flatten(1), drawn.flatten(1)) + torch.eye(len(codes)) * 9
    assert float(apart.min()) > 1.0


def test_test_scenes_are_all_different_and_new() -> None:
    """So that a search can find exactly one: no two test captions say the same in other words."""
    task = load()
    told = {split: [described(task.show(split, i)["caption"].text) for i in range(256)] for split in ("train", "test")}
    assert len(set(told["test"])) == 256
    everything = {described(wording.read(row)) for row in task.train.inputs["caption"]}
    assert not everything & set(told["test"])
    assert len(set(task.test.pair.tolist())) == 256 and task.retrieval == "instance"


def test_a_swap_is_another_sentence_of_the_same_words() -> None:
    task = load()
    negative = task.hard_negatives["colour_swap"]
    true = task.test.inputs["caption"][negative.rows]
    assert (true != negative.inputs).any(1).all() and torch.equal(true.sort(1).values, negative.inputs.sort(1).values)
    for row, wrong in zip(true, negative.inputs, strict=True):
        assert described(wording.read(row)) != described(wording.read(wrong))
    left_out = set(range(256)) - set(negative.rows.tolist())
    for i in left_out:
        subject, other, _ = understood(task.show("test", i)["caption"].text)
        assert subject[1] == other[1]
    assert 0.07 < len(left_out) / 256 < 0.22  # one in seven by chance


def test_hard_negatives_need_both_senses_and_their_own_captions() -> None:
    task = load(test_missing=0.4, caption_noise=1.0, test_noise=0.5)
    negative = task.hard_negatives["colour_swap"]
    for here in task.test.present.values():
        assert here[negative.rows].all()
    assert 0 < len(negative.rows) < len(load().hard_negatives["colour_swap"].rows)
    assert "colour_swap" not in permuted(task, "caption", 0).hard_negatives


def test_captions_with_slips_stay_texts() -> None:
    task = load(test_noise=1.0, caption_noise=1.0)
    clean = load(test_noise=1.0)
    ids, right = task.test.inputs["caption"], clean.test.inputs["caption"]
    assert torch.equal(ids == 0, right == 0)
    share = float((ids != right)[right != 0].float().mean())
    assert 0.4 < share < 0.55


def test_the_matrix_puts_like_beside_like() -> None:
    task = load()
    told = describe(task)
    assert sorted(told["matrix"]) == list(range(128)) and told["chance_recall"] == 1 / 256
    labels = task.test.targets["labels"][told["matrix"]]
    shuffled = task.test.targets["labels"][:128]
    same = [float((rows[1:] == rows[:-1]).float().mean()) for rows in (labels, shuffled)]
    assert same[0] > same[1] + 0.1


@pytest.mark.parametrize("seed", [0, 1])
def test_a_bag_of_words_cannot_pass_the_swap(seed: int) -> None:
    config = RunConfig.make("captions", settings={"encoder.text": "bag", "epochs": 1, "seed": seed})
    swaps = [s.values["test/foil/colour_swap"] for s in train(config) if "test/foil/colour_swap" in s.values]
    assert swaps and set(swaps) == {0.5}


@pytest.mark.parametrize("fusion", catalog.names("fusions"))
def test_every_fusion_runs_and_the_swap_is_asked_where_two_senses_meet(fusion: str) -> None:
    small = {"epochs": 1, "width": 8, "data.train_size": 64, "data.test_size": 32, "batch_size": 32}
    values = list(epochs_of(RunConfig.make("captions", fusion, "classification", small)))[-1].values
    assert ("test/foil/colour_swap" in values) == (catalog.fusion(fusion)["stage"] != "single")


@pytest.mark.parametrize("modality", ["image", "caption"])
def test_one_sense_alone_cannot_be_asked_about_the_swap(modality: str) -> None:
    small = {"epochs": 1, "width": 8, "data.train_size": 64, "data.test_size": 32, "batch_size": 32}
    config = RunConfig.make("captions", "only", "classification", {**small, "fusion.modality": modality})
    assert "test/foil/colour_swap" not in list(train(config))[-1].values


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_reader_of_order_finds_and_is_not_fooled(seed: int) -> None:
    values = list(train(RunConfig.make("captions", settings={"seed": seed})))[-1].values
    assert values["test/recall@1"] >= 0.9 and values["test/foil/colour_swap"] >= 0.75


@pytest.mark.slow
def test_the_quarter_needs_both_senses() -> None:
    def reached(fusion: str, **settings) -> float:
        config = RunConfig.make("captions", fusion, "classification", {"epochs": 10, **settings})
        return list(train(config))[-1].values["test/accuracy"]

    alone = [reached("only", **{"fusion.modality": name}) for name in ("image", "caption")]
    assert max(alone) < 0.65 and reached("concat") > 0.95
