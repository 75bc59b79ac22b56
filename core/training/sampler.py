"""A sampler decides what an epoch is made of: batches, or whatever else the update rule takes (episodes, say).

    (seed, epoch) -> item_1, ..., item_n        n = len(sampler), the same in every epoch

Nothing but seed and epoch decides the items, so that a run continued from an epoch's end sees what it would have seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from core.errors import ConfigError, class_name, missing_method, wrong_returned
from core.output import Batch
from core.seeding import generator
from core.training.batches import slices, whole

if TYPE_CHECKING:
    from core.training.state import TrainState


class Sampler:
    """Subclass, write `__len__` and `epoch`, and add a line to `core/training/learners.py`."""

    shelf: ClassVar[str] = "samplers"  # of the catalogue
    name: ClassVar[str]
    stackable: ClassVar[bool] = False  # its `gathered` epochs may be stacked over seeds; not inherited

    def __init__(self, state: TrainState) -> None:
        """Look at the data once. Raises ConfigError where they do not suffice; `state` is not to be kept."""

    def __len__(self) -> int:
        """Items per epoch."""
        raise missing_method(self, "__len__(self)")

    def epoch(self, state: TrainState, epoch: int) -> Iterator[Any]:
        """The items of epoch 0, 1, ..., on the state's device; random choices come from `core.seeding.generator`."""
        raise missing_method(self, "epoch(self, state, epoch)")

    def gathered(self, state: TrainState, epoch: int) -> Batch:
        """A whole epoch, of which consecutive `batch_size` rows are the batches; asked of stackable samplers."""
        raise missing_method(self, "gathered(self, state, epoch)")


def numbered(sampler: Sampler, state: TrainState, epoch: int) -> Iterator[tuple[int, Any]]:
    """(1, item), (2, item), ... of an epoch; ConfigError where they are not as many as the sampler's length."""
    items: object = sampler.epoch(state, epoch)
    if not isinstance(items, Iterable):
        raise wrong_returned(sampler, "epoch", items, "an iterator of items")
    number, expected = 0, len(sampler)
    for number, item in enumerate(items, 1):
        if item is None:
            raise wrong_returned(sampler, "epoch", item, "items that are not None")
        if number > expected:  # may be endless
            break
        yield number, item
    if number != expected:
        raise ConfigError("wrong_count", text=class_name(sampler), actual=number, expected=expected)


class Permutation(Sampler):
    """Each training sample once per epoch, in an order of the epoch's own, in batches of the config's size."""

    name = "permutation"
    stackable = True

    def __init__(self, state: TrainState) -> None:
        size, count = state.config.batch_size, state.train_size
        if size > count:
            raise ConfigError("batch_too_large", value=size, dataset=state.task.name, count=count)
        self.count = math.ceil(count / size)

    def __len__(self) -> int:
        """Batches per epoch, the last of which may be smaller."""
        return self.count

    def epoch(self, state: TrainState, epoch: int) -> Iterator[Batch]:
        """Batches as views of the epoch, which is gathered once."""
        return slices(self.gathered(state, epoch), state.config.batch_size)

    def gathered(self, state: TrainState, epoch: int) -> Batch:
        """The training split in this epoch's order."""
        order = torch.randperm(state.train_size, generator=generator(state.config.seed, "order", str(epoch)))
        return whole(state.task.train).rows(order.to(state.device))
