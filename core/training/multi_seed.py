"""Several seeds of one small model trained in one go, by `core/training/vmap_stack.py`: same records, same values, in less time.

Small models spend their time on starting operations, not on arithmetic, so K seeds cost far less than K runs. Large ones
gain nothing: `quicker` tells. Each seed keeps its own batch order, first weights, clipping, moments and records; validation,
pictures and the last look go through its own state. Equal to training alone within float rounding, since sums are taken
in another order; what chooses between near equals (a semi-hard negative) may then choose the other.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from core.config import RunConfig
from core.errors import TrainingError
from core.output import Batch
from core.training.batches import whole
from core.training.diagnostics import costs
from core.training.gradient_step import gradient_values, score_values
from core.training.loop import Loop, Step
from core.training.state import TrainState
from core.training.vmap_stack import Stack

MOST_WORK = 6e6  # FLOPs of a batch forward; above, arithmetic takes the time, and nobody is spared it
Records = dict[int, Step | TrainingError]  # seed -> its record, or why there are no more of it


def train_multi_seed(
    configs: Sequence[RunConfig], frames: bool = True, look: bool = True, gone: Collection[int] = ()
) -> Iterator[Records]:
    """`train` for configs that differ in the seed alone and for which `quicker` is true: a record of each seed at a time.

    A loss that is no longer finite ends that seed, whose record is then the error. `gone` are seeds that nobody needs any
    more: the caller may add to it, and from the next epoch on they are not trained.
    """
    loops = {config.seed: Loop(TrainState.build(config), frames, look) for config in configs}
    return _MultiSeed(loops, gone).run(configs[0].epochs)


def quicker(config: RunConfig, flops: int | None = None) -> bool:
    """Whether seeds of this config gain by training together: a small model that can be stacked, trained by epochs on a CPU.

    `flops` of one sample are measured unless they are known. Under a budget in seconds each seed would get fewer epochs than
    alone. On a GPU nothing was measured.
    """
    if config.seconds or (flops or 0) * config.batch_size > MOST_WORK:
        return False
    state = TrainState.build(config)
    if state.device.type != "cpu" or not _plain(state):
        return False
    work = (costs(state)["flops"] if flops is None else flops) * config.batch_size
    return work <= MOST_WORK and _stackable([state, TrainState.build(config)])


def _plain(state: TrainState) -> bool:
    """Whether rule and sampler say, each of itself, that they can be stacked, and the strategy changes no step."""
    own = (vars(type(part)).get("stackable", False) for part in (state.rule, state.sampler))
    return all(own) and not state.strategy.changes_steps()


def _stackable(states: list[TrainState]) -> bool:
    """One update says it: not every operation has a rule for a stack (a GRU has none, attention no quick one), and none may draw at random."""
    batch = _joined([vars(whole(s.task.train).rows(slice(0, 2))) for s in states])
    with warnings.catch_warnings(
        record=True
    ) as warned:  # an operation without a rule is done seed by seed, with a warning
        warnings.simplefilter("always")
        try:
            Stack(states).update(batch)
        except RuntimeError:
            return False
    return not warned


class _MultiSeed:
    """The seeds that still train, and their stack."""

    def __init__(self, loops: dict[int, Loop], gone: Collection[int]) -> None:
        self.loops, self.gone = loops, gone
        self.lost: set[int] = set()
        self._restack()

    def run(self, epochs: int) -> Iterator[Records]:
        """All epochs; ends early when no seed is left."""
        yield from self._each(lambda seed, loop: next(loop.on_start(), None))
        for epoch in range(epochs):
            self._let_go()
            if not self.loops:
                return
            yield from self._epoch(epoch)
        self._let_go()
        yield from self._each(lambda seed, loop: loop.final_evaluation(epochs))

    def _epoch(self, epoch: int) -> Iterator[Records]:
        """One pass of each seed over its own permutation; records as in `Loop`."""
        loops = list(self.loops.values())
        first, size = loops[0], loops[0].config.batch_size
        batches = _joined([vars(loop.state.sampler.gathered(loop.state, epoch)) for loop in loops])
        for number in range(1, first.per_epoch + 1):
            batch = _at(batches, (slice(None), slice((number - 1) * size, number * size)))
            recorded = first.recorded(number)
            prediction = self.stack.update(batch)
            if recorded:
                self._note(prediction, batch)
            self.stack.step()
            for loop in loops:
                loop.step += 1
            if number == first.per_epoch:
                self.stack.share_moments()
                yield from self._records(lambda loop, losses: loop.on_epoch_end(epoch, losses))
            elif recorded:
                yield from self._records(partial(Loop.on_step, epoch=epoch, number=number))

    def _note(self, prediction: Tensor | None, batch: dict[str, Any]) -> None:
        norms = self.stack.gradient_norms()
        for k, loop in enumerate(self.loops.values()):
            own = Batch(**_at(batch, k))
            own_prediction = None if prediction is None else prediction[k]
            values = gradient_values((name, norm[k]) for name, norm in norms.items())
            loop.note(self.stack.names, values | score_values(loop.state.objective, own_prediction, own))

    def _records(self, make: Callable[..., Step]) -> Iterator[Records]:
        losses = dict(zip(self.loops, self.stack.drain(), strict=True))
        yield from self._each(lambda seed, loop: make(loop, losses=losses[seed]))

    def _each(self, make: Callable[[int, Loop], Step | None]) -> Iterator[Records]:
        """What each seed that still counts has to say, in one dict, or nothing at all."""
        records: Records = {}
        for seed, loop in self.loops.items():
            if seed in self.lost or seed in self.gone:
                continue
            try:
                record: Step | TrainingError | None = make(seed, loop)
            except TrainingError as error:
                self.lost.add(seed)
                record = error
            if record is not None:
                records[seed] = record
        if records:
            yield records

    def _let_go(self) -> None:
        """Drop the seeds that are lost or gone; those that stay are stacked anew."""
        running = {seed: loop for seed, loop in self.loops.items() if seed not in self.lost and seed not in self.gone}
        if len(running) < len(self.loops):
            self.loops = running
            self._restack()

    def _restack(self) -> None:
        if self.loops:
            self.stack = Stack([loop.state for loop in self.loops.values()])
        for loop in self.loops.values():
            loop.clock.share(len(self.loops))


def _joined(trees: Sequence[Any]) -> Any:
    """Tensors (...) of K equal trees of dicts as one tree of (K, ...)."""
    if isinstance(trees[0], dict):
        return {name: _joined([tree[name] for tree in trees]) for name in trees[0]}
    return torch.stack(list(trees))


def _at(tree: Any, place: Any) -> Any:
    """The same place of each tensor in a tree of dicts."""
    return {name: _at(value, place) for name, value in tree.items()} if isinstance(tree, dict) else tree[place]
