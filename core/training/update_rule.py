"""An update rule turns what the sampler gives into one update: (state, batch) -> named losses.

It owns the backward pass, the clipping and the steps of its optimisers, of which it may have several, and whatever lies
between (inner loops, alternating players). Today's step is one: `core/training/gradient_step.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor, nn
from torch.optim import Optimizer

from core.errors import missing_method, wrong_returned
from core.fusion.base import Fusion

if TYPE_CHECKING:
    from core.training.state import TrainState

ONLY = ""  # the name of an optimiser that is the only one


class UpdateRule(nn.Module):
    """Subclass, write `update`, and add a line to `core/training/learners.py`.

    A module, since a rule may learn something of its own (a discriminator, step sizes): its parameters and buffers lie in
    the checkpoint under "rule.", its optimisers' moments under "optimizer.". `state` is given to each method and is not to
    be kept. What is random comes from torch's global stream on the CPU, which the loop sets by seed and epoch.
    """

    shelf: ClassVar[str] = "update_rules"  # of the catalogue
    name: ClassVar[str]
    applies_strategy: ClassVar[bool] = False  # whether it takes the steps of `core.balancing.base.Strategy`
    stackable: ClassVar[bool] = False  # `core/training/vmap_stack.py` makes the same update; not inherited
    optimizers: dict[str, Optimizer]  # name -> optimiser; the only one's name is ""

    def __init__(self, state: TrainState) -> None:
        """Build what it owns. The model, objective and strategy of `state` are on its device already."""
        super().__init__()
        self.optimizers = {}

    def update(self, state: TrainState, batch: Any, recorded: bool) -> dict[str, Tensor]:
        """One update with one item of the sampler; named losses, scalars left on the device.

        The names are the same at every update: "loss", where one number is minimised, and "loss/<part>". `recorded` says
        that a record follows and `log_values` is read.
        """
        raise missing_method(self, "update(self, state, batch, recorded)")

    def log_values(self) -> dict[str, Tensor]:
        """More values for the record, such as "train/accuracy" or "gradient/<modality>": scalars of the last update."""
        return {}

    def for_evaluation(self, state: TrainState) -> Fusion:
        """The model that is evaluated: the trained one, or a copy that was adapted first. Changes nothing of `state`."""
        return state.model

    def after_epoch(self, state: TrainState) -> None:
        """Measure what the next epoch needs; also before the first, when `trained_epochs` is 0. Draw nothing at random."""

    def named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Everything a continued run needs of the rule, under the names of the checkpoint."""
        for name, tensor in self.state_dict().items():
            yield f"rule.{name}", tensor
        for which, optimizer in self.optimizers.items():
            for index, slots in optimizer.state_dict()["state"].items():
                for slot, value in slots.items():
                    yield f"{_prefix(which)}{index}.{slot}", value

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """Put back what `named_tensors` gave; `tensors` may hold others."""
        self.load_state_dict(_under("rule.", tensors))
        for which, optimizer in self.optimizers.items():
            slots: dict[int, dict[str, Tensor]] = {}
            for name, value in _under(_prefix(which), tensors).items():
                index, slot = name.split(".", 1)
                slots.setdefault(int(index), {})[slot] = value
            optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})


def named_losses(rule: UpdateRule, losses: object) -> dict[str, Tensor]:
    """What a rule's `update` returned, when it is {name: scalar}; ConfigError else."""
    if not isinstance(losses, dict) or not losses:
        raise wrong_returned(rule, "update", losses, "a dict of named losses")
    for name, value in losses.items():
        if not isinstance(value, Tensor) or value.dim():
            raise wrong_returned(rule, "update", value, f"Tensor() for {name!r}")
    return losses


def evaluated_model(rule: UpdateRule, state: TrainState) -> Fusion:
    """What a rule's `for_evaluation` returned, when it is a model; ConfigError else."""
    model: object = rule.for_evaluation(state)
    if not isinstance(model, Fusion):
        raise wrong_returned(rule, "for_evaluation", model, "the model")
    return model


def _prefix(optimizer: str) -> str:
    return "optimizer." if optimizer == ONLY else f"optimizer.{optimizer}."


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
