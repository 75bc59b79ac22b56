"""Several seeds' models as one: weights stacked along a first axis, one update for all.

    W       (K, ...)     the weights of K seeds
    losses  (K,)         vmap over K of the ordinary model and objective, on a batch (K, B, ...)
    dW      (K, ...)     gradient of sum_k losses_k: each seed's own, since no loss reads another's weights
    norms   (K,)         clipped for each seed and each part on its own, then one AdamW step for all, then the objective's bounds

The states' own weights are views into the stack, and after `share_moments` their optimisers' moments too. So a state
can be measured, drawn and saved by the code that knows nothing of this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from core.output import Batch
from core.training.gradient_step import loss_names
from core.training.state import TrainState

TINY = 1e-6  # as in torch's clip_grad_norm_


class Stack:
    """K states whose configs differ in the seed alone, whose rule is stackable and whose strategy changes no step."""

    def __init__(self, states: Sequence[TrainState]) -> None:
        self.states = list(states)
        self.names: tuple[str, ...] = ()  # of the losses
        self._first = self.states[0]
        self._loss_buffer: list[Tensor] = []
        self._leaf: dict[nn.Parameter, Tensor] = {}  # the first state's parameter -> (K, ...)
        self._weights = [
            self._stacked([_modules(s)[i] for s in self.states]) for i in range(len(_modules(self._first)))
        ]
        self._groups = [[self._leaf[p] for p in group] for group in self._first.clipped() if group]
        self._by_modality = {
            name: [self._leaf[p] for p in own] for name, own in self._first.modality_parameters().items()
        }
        self._optimizer = self._stacked_optimizer()

    def update(self, batch: dict[str, Any]) -> Tensor | None:
        """Gradients of all seeds on a batch, the fields of `Batch` as (K, B, ...); their predictions (K, B, C), where something is predicted."""
        totals, losses, prediction = vmap(self._losses)(self._weights, batch)
        self._optimizer.zero_grad(set_to_none=True)
        totals.sum().backward()
        named = loss_names(totals, losses)
        self.names = tuple(named)
        self._loss_buffer.append(torch.stack(tuple(named.values()), 1).detach())  # (K, names)
        result: Tensor | None = prediction.get("prediction")
        return result

    def gradient_norms(self) -> dict[str, Tensor]:
        """modality -> (K,), before clipping."""
        return {name: _norms(own) for name, own in self._by_modality.items()}

    @torch.no_grad()
    def step(self) -> None:
        """Clip, for each seed and each part on its own, and take the optimiser's step."""
        for group in self._groups:
            scale = (self._first.config.clip_norm / (_norms(group) + TINY)).clamp(max=1.0)
            for leaf in group:
                if leaf.grad is not None:
                    leaf.grad.mul_(scale.view(-1, *[1] * (leaf.dim() - 1)))
        self._optimizer.step()
        for parameter, ceiling in self._first.objective.bounded():
            self._leaf[parameter].clamp_max_(ceiling)

    def drain(self) -> Tensor:
        """Losses since the last time, (K, k, names): the one moment when the device is waited for."""
        losses = torch.stack(self._loss_buffer, 1).cpu()
        self._loss_buffer.clear()
        return losses

    def share_moments(self) -> None:
        """Let each state's optimiser see its part of the moments."""
        for index, state in enumerate(self.states):
            for own, parameter in zip(_parameters(state), _parameters(self._first), strict=True):
                slots = self._optimizer.state.get(self._leaf[parameter], {})
                if slots and own not in state.optimizer.state:
                    state.optimizer.state[own] = {n: v if n == "step" else v[index] for n, v in slots.items()}

    def _losses(self, weights: list[dict[str, Tensor]], batch: dict[str, Any]) -> tuple[Tensor, dict[str, Tensor], Any]:
        """Of one seed: total, named losses, prediction."""
        model, objective = weights
        one = Batch(**batch)
        output = functional_call(self._first.model, model, (one,))
        losses = functional_call(self._first.objective, objective, (output, one))
        prediction = {} if output.prediction is None else {"prediction": output.prediction.detach()}
        return self._first.objective.total(losses), losses, prediction

    def _stacked(self, modules: Sequence[nn.Module]) -> dict[str, Tensor]:
        """name -> (K, ...) of all weights and buffers, which become views of that."""
        stacked = {}
        for rows in zip(*(m.named_parameters() for m in modules), strict=True):
            name, parameter = rows[0]
            leaf = torch.stack([p.detach() for _, p in rows]).requires_grad_(parameter.requires_grad)
            for index, (_, own) in enumerate(rows):
                own.data = leaf.detach()[index]
            stacked[name] = self._leaf[parameter] = leaf
        for rows in zip(*(m.named_buffers() for m in modules), strict=True):
            whole = stacked[rows[0][0]] = torch.stack([b for _, b in rows])
            for index, (_, own) in enumerate(rows):
                own.data = whole[index]
        return stacked

    def _stacked_optimizer(self) -> torch.optim.Optimizer:
        """An optimiser with the states' groups (rates, decay, kernel) and, where they have trained before, its moments."""
        own = self._first.optimizer
        groups = [{**group, "params": [self._leaf[p] for p in group["params"]]} for group in own.param_groups]
        optimizer = torch.optim.AdamW(groups)
        for rows in zip(*(_parameters(s) for s in self.states), strict=True):
            if rows[0] not in own.state:
                continue
            states = [s.optimizer.state.pop(p) for s, p in zip(self.states, rows, strict=True)]
            slots = {n: v if n == "step" else torch.stack([s[n] for s in states]) for n, v in states[0].items()}
            optimizer.state[self._leaf[rows[0]]] = slots
        return optimizer


def _modules(state: TrainState) -> tuple[nn.Module, nn.Module]:
    return state.model, state.objective


def _parameters(state: TrainState) -> list[nn.Parameter]:
    return [p for module in _modules(state) for p in module.parameters()]


def _norms(leaves: Sequence[Tensor]) -> Tensor:
    """(K,) each seed's norm of the gradients of these."""
    norms = [leaf.grad.reshape(len(leaf), -1).norm(dim=1) for leaf in leaves if leaf.grad is not None]
    result: Tensor = torch.stack(norms, 1).norm(dim=1)
    return result
