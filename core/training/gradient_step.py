"""The ordinary update: one forward pass, one backward pass, clipping, one AdamW step; strategies are parts of it.

batch  -> model -> objective's losses + the strategy's own         named losses
losses -> total -> backward -> modulate -> clip -> step            each but clip and step may be the strategy's
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from core.objectives.base import CompositeLoss
from core.output import Batch, Output
from core.training.update_rule import ONLY, UpdateRule

if TYPE_CHECKING:
    from core.training.state import TrainState


class GradientStep(UpdateRule):
    """The rule of every run that names no other."""

    name = "gradient_step"
    applies_strategy = True
    stackable = True

    def __init__(self, state: TrainState) -> None:
        super().__init__(state)
        self.optimizers = {ONLY: adamw(state)}
        self._logged: dict[str, Tensor] = {}

    def update(self, state: TrainState, batch: Batch, recorded: bool) -> dict[str, Tensor]:
        """{"loss": total, "loss/<name>": unweighted loss, ...}."""
        strategy = state.strategy
        batch = strategy.transform_batch(batch)
        output = state.model(batch)
        losses, added = state.objective(output, batch), strategy.losses(output, batch)
        loss = strategy.total(state.objective.total(losses), added)
        optimizer = self.optimizers[ONLY]
        optimizer.zero_grad(set_to_none=True)
        strategy.backward(loss, state.objective.weighted(losses) | added, state.model)
        strategy.modulate_gradients(state.model, output, batch)
        norms = state.gradient_norms() if recorded else ()
        state.clip()
        optimizer.step()
        state.keep_within_bounds()
        if recorded:
            self._logged = self._values(state, norms, output, batch)
        return loss_names(loss, losses | added)

    def log_values(self) -> dict[str, Tensor]:
        """Gradient norms, the strategy's values and the training score of the last recorded update."""
        return self._logged

    def after_epoch(self, state: TrainState) -> None:
        """The strategy's own measurement."""
        state.strategy.after_epoch(state)

    def _values(
        self, state: TrainState, norms: Iterable[tuple[str, Tensor]], output: Output, batch: Batch
    ) -> dict[str, Tensor]:
        own = {f"strategy/{name}": value for name, value in state.strategy.log_values().items()}
        return gradient_values(norms) | own | score_values(state.objective, output.prediction, batch)


def adamw(state: TrainState) -> torch.optim.AdamW:
    """An optimiser of all that model, strategy and objective learn, with the config's rate and decay."""
    decay = state.config.weight_decay
    return torch.optim.AdamW(
        [
            {"params": list(state.model.parameters()), "weight_decay": decay},
            {"params": list(state.strategy.parameters()), "weight_decay": decay},
            {"params": list(state.objective.parameters()), "weight_decay": 0.0},  # a temperature is no weight
        ],
        lr=state.config.learning_rate,
        fused=state.device.type in ("cpu", "cuda"),
    )


def loss_names(total: Tensor, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The total and the losses that it is made of, as a record names them."""
    return {"loss": total} | {f"loss/{name}": loss for name, loss in losses.items()}


def gradient_values(norms: Iterable[tuple[str, Tensor]]) -> dict[str, Tensor]:
    """(modality, norm) pairs as a record names them."""
    return {f"gradient/{name}": norm for name, norm in norms}


def score_values(objective: CompositeLoss, prediction: Tensor | None, batch: Batch) -> dict[str, Tensor]:
    """The training score of predictions (B, C) as a record names it; {} where nothing is predicted."""
    if prediction is None or not objective.predicts:
        return {}
    target = objective.target
    return {f"train/{target.metric}": target.score(prediction.detach(), batch)}
