"""What one training needs in one place: data on the device, model, objective, update rule; saved and loaded as tensors."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from core.balancing import build_strategy
from core.balancing.base import Strategy
from core.catalog.encoder_names import setting_names
from core.config import RunConfig
from core.config.device import best, report, resolve
from core.data.base import Task
from core.data.check import check_task
from core.data.loading import task_of
from core.data.permute import permuted
from core.errors import ConfigError
from core.fusion import build_model
from core.fusion.base import Fusion, ModelSpec
from core.objectives import build_objective
from core.objectives.base import CompositeLoss
from core.training.learners import (
    build_rule,
    build_sampler,
    check_strategy,
    rule_given,
    rule_of,
    sampler_given,
    sampler_of,
)
from core.training.sampler import Sampler
from core.training.update_rule import ONLY, UpdateRule


@dataclass
class TrainState:
    """A built run. `build` does everything that can fail before work starts."""

    config: RunConfig
    device: torch.device
    task: Task
    model: Fusion
    objective: CompositeLoss
    strategy: Strategy
    trained_epochs: int = 0
    sampler: Sampler = field(init=False)
    rule: UpdateRule = field(init=False)

    @classmethod
    def build(
        cls,
        config: RunConfig,
        task: Task | None = None,
        rule: type[UpdateRule] | str | None = None,
        sampler: type[Sampler] | str | None = None,
    ) -> TrainState:
        """Load the data, build the model from its own random streams, put all on the device.

        `rule` and `sampler` take the place of those that the config's strategy and objective need.
        """
        device = open_device(config.device)
        torch.set_num_threads(config.threads)
        task = check_task(task) if task else task_of(config)
        task = permuted(task, config.permute, config.seed)
        objective = build_objective(config.choice.terms, dict(config.objective_settings)).to(device)
        spec = ModelSpec(
            modalities=task.modalities,
            width=config.width,
            classes=objective.target.outputs(task) if objective.predicts else 0,
            seed=config.seed,
            prior=task.prior(),
            encoders=_encoders(config),
            target=objective.target if objective.predicts else None,
            reads=objective.reads,
        )
        model = build_model(config.choice.fusion, spec, dict(config.fusion_settings)).to(device)
        strategy = build_strategy(config.choice.strategy, spec, dict(config.strategy_settings)).to(device)
        task = strategy.hold_out(task).to(device)
        own_rule = rule_of(strategy, objective) if rule is None else rule_given(rule)
        own_sampler = sampler_of(strategy, objective) if sampler is None else sampler_given(sampler)
        check_strategy(own_rule, strategy)
        state = cls(config, device, task, model, objective, strategy)
        state.sampler = build_sampler(own_sampler, state)
        state.rule = build_rule(own_rule, state).to(device)
        return state

    @property
    def train_size(self) -> int:
        """N, the samples that are trained on."""
        return len(self.task.train.target)

    def clip(self) -> None:
        """Clip each part on its own: the experts of a late ensemble never feel each other, nor a model its strategy's readers."""
        for parameters in self.clipped():
            nn.utils.clip_grad_norm_(parameters, self.config.clip_norm)

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """The update rule's optimiser, where it has only one."""
        return self.rule.optimizers[ONLY]

    def with_model(self, model: Fusion) -> TrainState:
        """The same with another model: what an update rule adapted, to be evaluated."""
        if model is self.model:
            return self
        other = copy(self)
        other.model = model
        for cached in ("_clip_lists", "_modality_lists"):
            vars(other).pop(cached, None)
        return other

    def clipped(self) -> list[list[nn.Parameter]]:
        """The groups that are clipped on their own; what the objective learns goes with the first part."""
        if not hasattr(self, "_clip_lists"):  # walking the module tree every step costs more than the clipping
            first, *others = self.model.parts().values()
            self._clip_lists = [list(self.strategy.parameters()), [*first, *self.objective.parameters()], *others]
        return self._clip_lists

    def gradient_norms(self) -> list[tuple[str, Tensor]]:
        """The gradient's norm per modality, before clipping: who is being taught right now."""
        norms = []
        for name, parameters in self.modality_parameters().items():
            gradients = [p.grad for p in parameters if p.grad is not None]
            norms.append((name, nn.utils.get_total_norm(gradients)))
        return norms

    def state_dict(self) -> dict[str, Tensor]:
        """Everything a continued run needs, as named tensors. Random streams are named by the epoch, so it is their state."""
        tensors = {f"model.{name}": t for name, t in self.model.state_dict().items()}
        tensors |= {f"objective.{name}": t for name, t in self.objective.state_dict().items()}
        tensors |= {f"strategy.{name}": t for name, t in self.strategy.state_dict().items()}
        tensors |= dict(self.rule.named_tensors())
        tensors["epochs"] = torch.tensor(self.trained_epochs)
        return {name: t.detach().cpu().clone().contiguous() for name, t in tensors.items()}

    def load_state_dict(self, tensors: Mapping[str, Tensor]) -> int:
        """Put a state back; returns the epochs it had done."""
        self.model.load_state_dict(_under("model.", tensors))
        self.objective.load_state_dict(_under("objective.", tensors))
        self.strategy.load_state_dict(_under("strategy.", tensors))
        self.rule.load_tensors(tensors)
        self.keep_within_bounds()  # a state of an engine that clamped inside the loss may lie beyond
        self.trained_epochs = int(tensors["epochs"])
        return self.trained_epochs

    def parameter_count(self) -> int:
        """Trainable numbers, those of the objective, the strategy and the update rule included."""
        modules = (self.model, self.objective, self.strategy, self.rule)
        return sum(p.numel() for module in modules for p in module.parameters() if p.requires_grad)

    def modality_parameters(self) -> dict[str, list[nn.Parameter]]:
        """modality -> the parameters that only it feeds."""
        if not hasattr(self, "_modality_lists"):
            self._modality_lists = self.model.modality_parameters()
        return self._modality_lists

    @torch.no_grad()
    def keep_within_bounds(self) -> None:
        """Put what the objective learns back within its bounds, after an optimiser's step."""
        for parameter, ceiling in self.objective.bounded():
            parameter.clamp_max_(ceiling)


def open_device(device: str) -> torch.device:
    """The torch device for a choice, or ConfigError when torch cannot use it here."""
    kind = resolve(device)
    if not _usable(kind):
        raise ConfigError("no_cuda", device=device)
    return torch.device(kind)


def usable_device() -> str:
    """What `auto` is in this process: the best kind where torch can use it, else "cpu"."""
    kind = best()
    return kind if _usable(kind) else "cpu"


def _usable(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    return kind == "cpu" or torch.backends.mps.is_available()


def _encoders(config: RunConfig) -> dict[str, str]:
    """modality -> the name of its encoder, where there is a choice."""
    names = setting_names(config.choice.dataset)
    chosen = config.encoder_settings
    return {modality: str(chosen[name]) for modality, name in names.items() if name in chosen}


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


report(usable_device())  # whoever imports this has torch, and will train by it
