"""What is new in testing, and what is not: each data set's claims about its splits, on the splits themselves."""

from __future__ import annotations

import pytest
import torch

from core import catalog
from core.config import RunConfig
from core.data import av_digits, digit_files
from core.data.base import Task
from core.data.digit_files import written
from core.data.loading import load_task


def load(name: str, **changes) -> Task:
    settings = {f"data.{key}": value for key, value in changes.items()} | {"batch_size": 16}
    return load_task(name, dict(RunConfig.make(name, settings=settings).data_settings))


@pytest.mark.parametrize("seed", [0, 1])
def test_no_image_and_no_voice_is_in_both_splits(seed: int) -> None:
    settings = {"data.seed": seed, "data.train_size": 4096}
    booth = av_digits._Booth(dict(RunConfig.make("av_digits", settings=settings).data_settings))
    train, test = booth.cast("train").recipes, booth.cast("test").recipes
    assert not set(train["image"].tolist()) & set(test["image"].tolist())
    voices = [set(cast["audio"][:, 0].tolist()) for cast in (train, test)]
    assert voices == [set(range(30)), set(range(30, 40))]
    assert len(test["image"].unique()) == 500 and len(test["audio"][:, :2].unique(dim=0)) == 100  # so many are new


def test_nobody_knows_the_writers_so_nobody_says_that_they_are_new() -> None:
    """scikit-learn's 1,797 images are the test part of UCI's: 13 writers, and a row holds 64 pixels and a digit, no more."""
    from sklearn.datasets import load_digits

    images, digits = written()
    shipped = load_digits()
    assert torch.equal((images * 16).view(-1, 64).double(), torch.tensor(shipped.data))
    assert digits.tolist() == shipped.target.tolist() and "different 13" in shipped.DESCR
    idea, chinese = (catalog.text(catalog.dataset("av_digits"), "idea", language) for language in ("en", "zh"))
    assert "perhaps by the same hands" in idea and "书写者可能相同" in chinese
    for text in (idea, av_digits.__doc__, digit_files.__doc__):
        assert text and "people and voices never met" not in text and "new people" not in text


@pytest.mark.parametrize("wording", ["varied", "plain"])
def test_no_caption_and_no_combination_of_testing_is_in_training(wording: str) -> None:
    task = load("captions", wording=wording)
    told = [{tuple(row) for row in split.inputs["caption"].tolist()} for split in (task.train, task.test)]
    assert not told[0] & told[1] and len(told[1]) == len(task.test.target)  # and no two of testing are told alike


def test_training_and_test_noise_of_the_vectors_are_independent() -> None:
    """Equal sizes and noises: the same generator would give the same rows."""
    task = load("interactions", train_size=4096, test_size=4096, train_noise=1.0, test_noise=1.0)
    for name, x in task.train.inputs.items():
        y = task.test.inputs[name]
        assert not {row.tobytes() for row in x.numpy()} & {row.tobytes() for row in y.numpy()}
        together = torch.corrcoef(torch.stack([x.flatten(), y.flatten()]))[0, 1]
        assert abs(float(together)) < 5 / x.numel() ** 0.5
